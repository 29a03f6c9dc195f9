import * as z from 'zod';
import { utf8Length } from './bytes.ts';
import type { Hashes } from './hashes.ts';
import { S3Limits } from './limits.ts';

/** What the part files of one folder hold: the parts of one version of one source object. */
export interface FolderContent {
  readonly v: 1;
  readonly source: {
    readonly bucket: string;
    readonly key: string;
    readonly etag: string;
    readonly size: number;
  };
  /** Bytes. */
  readonly partSize: PartSizes;
}

/** How an object is cut into parts. */
export interface PartLayout {
  readonly layout: FolderContent;
  /** The parts are meant to be the source's own, so that the ETag must come out the same. */
  readonly isLikeSource: boolean;
}

const LayoutRecord = z.object({
  v: z.literal(1),
  source: z.object({ bucket: z.string(), key: z.string(), etag: z.string(), size: z.int() }),
});

/** The source version that a `layout.json` is about; undefined for anything else under its name. */
export function parseLayoutSource(text: string): FolderContent['source'] | undefined {
  try {
    return LayoutRecord.safeParse(JSON.parse(text)).data?.source;
  } catch {
    return undefined;
  }
}

/** The layout as the text of `layout.json`: the same text for the same layout. */
export const layoutText = (layout: FolderContent): string =>
  JSON.stringify({
    v: layout.v,
    source: {
      bucket: layout.source.bucket,
      key: layout.source.key,
      etag: layout.source.etag,
      size: layout.source.size,
    },
    partSize: layout.partSize,
  });

const runField = 's3copy-run';

/** User metadata of a `layout.json`: the run that wrote it, which does not belong to the layout itself. */
export const writerMetadata = (run: string): Readonly<Record<string, string>> => ({ [runField]: run });

/** The run that wrote a `layout.json`, from its user metadata. */
export const readWriter = (metadata: Readonly<Record<string, string>>): string | undefined =>
  metadata[runField];

const etagCharacters = 7;
const layoutCharacters = 8;
const longestSuffix = `/${'0'.repeat(etagCharacters)}-${'0'.repeat(layoutCharacters)}/parts/part-00000`;

/** The folder that has the folders of all layouts of a key. */
export const keyFolder = (tempPrefix: string, key: string, hashes: Hashes): string => {
  const length = utf8Length(tempPrefix) + utf8Length(key) + longestSuffix.length;
  return tempPrefix + (length <= S3Limits.maxKeyBytes ? key : shortKey(key, hashes));
};

/** What stands for a key that leaves no room for the names of part files. */
const shortKey = (key: string, hashes: Hashes): string => `.long/${hashes.sha256(key)}`;

/** The first characters of an ETag. S3's are hexadecimal; what another server has in it may not fit into a path. */
const shortened = (etag: string, hashes: Hashes): string =>
  (/^[0-9A-Za-z]{7}/.test(etag) ? etag : hashes.sha256(etag)).slice(0, etagCharacters);

/**
 * The folders that part files of this layout may be in: the usual one, and the one for when another layout of an
 * ETag that begins alike has taken it. No two layouts share files.
 *
 * @param tempPrefix ends with a slash, or is empty
 */
export function layoutFolders(
  tempPrefix: string,
  layout: FolderContent,
  hashes: Hashes,
): readonly [string, string] {
  const folder = `${keyFolder(tempPrefix, layout.source.key, hashes)}/${shortened(layout.source.etag, hashes)}`;
  return [folder, `${folder}-${hashes.sha256(layoutText(layout)).slice(0, layoutCharacters)}`];
}

/**
 * Whether a folder is one that part files of this source have, below whatever temp prefix.
 *
 * @param folder from `tempFolderOf`
 */
export function isFolderFor(
  folder: string,
  { key, etag }: Pick<FolderContent['source'], 'key' | 'etag'>,
  hashes: Hashes,
): boolean {
  const slash = folder.lastIndexOf('/');
  const above = folder.slice(0, slash);
  const isOfVersion = folder.slice(slash + 1, slash + 1 + etagCharacters) === shortened(etag, hashes);
  const names = [key, shortKey(key, hashes)];
  return isOfVersion && names.some((name) => above === name || above.endsWith(`/${name}`));
}

const numbered = (number: number): string => String(number).padStart(5, '0');

/** Keys of the files in a layout's folder. */
export const partFileKeys = {
  layout: (folder: string): string => `${folder}/layout.json`,
  target: (folder: string): string => `${folder}/target.json`,
  parts: (folder: string): string => `${folder}/parts/`,
  temp: (folder: string, number: number): string => `${folder}/parts/temp-${numbered(number)}`,
  part: (folder: string, number: number): string => `${folder}/parts/part-${numbered(number)}`,
} as const;

/** Below the temp prefix; keys may have any character, also newlines. */
const pattern =
  /^(.+\/[0-9A-Za-z]{7}(?:-[0-9a-f]{8})?)\/(?:layout\.json|target\.json|parts\/(?:temp|part)-(?:(?!00000)0\d{4}|10000))$/s;

/**
 * The layout folder that a key of the temp area lies in, or undefined for ordinary data: only keys of the exact
 * pattern under the run's temp prefix belong to the temp area.
 */
export function findTempFolder(tempPrefix: string, key: string): string | undefined {
  if (!key.startsWith(tempPrefix)) return undefined;
  const folder = pattern.exec(key.slice(tempPrefix.length))?.[1];
  return folder === undefined ? undefined : tempPrefix + folder;
}

/**
 * Bytes of the parts of an object: of all but the last, or in runs of `[bytes of each part, how many parts]` where
 * they differ more than that.
 */
export type PartSizes = number | readonly (readonly [bytes: number, parts: number])[];
