import * as z from 'zod';
import type { CopyRequest } from './copy-request.ts';
import { isSameAsOnePart } from './etags.ts';
import type { Hashes } from './hashes.ts';
import type { Listed } from './listed.ts';
import type { Mapping } from './paths.ts';
import { evidences, type ObjectResult } from './results.ts';

/**
 * That two versions hold the same bytes, as an earlier run has proven: a line of a file of copy records. It names
 * versions by their ETags, so that it never becomes wrong, only useless, when either end is overwritten.
 */
export const CopyRecord = z.strictObject({
  /** Source key. The destination key follows from the pair of the copy records. */
  key: z.string().min(1),
  /** ETag of the source version. */
  source: z.string().min(1),
  /** ETag at the destination. */
  target: z.string().min(1),
  /** What proved it. */
  proof: z.enum([...evidences, 'part-files']),
});
export type CopyRecord = z.infer<typeof CopyRecord>;

/** What a plan has found out about the copy record of a key: a new one, or that it is of no use any more. */
export const CopyRecordChange = z.union([
  CopyRecord,
  z.strictObject({ key: z.string(), gone: z.literal(true) }),
]);
export type CopyRecordChange = z.infer<typeof CopyRecordChange>;

/** The two ends that copy records belong to: buckets, and where source keys land. */
export const CopyRecordPair = z.strictObject({
  source: z.string(),
  base: z.string(),
  destination: z.string(),
  folder: z.string(),
});
export type CopyRecordPair = z.infer<typeof CopyRecordPair>;

/** One file of copy records, in byte order of their keys. It is never changed. */
export const CopyRecordFile = z.strictObject({
  name: z.string(),
  /** Key of its first line. */
  first: z.string(),
  /** Number of its lines. */
  copyRecords: z.int().min(1),
});
export type CopyRecordFile = z.infer<typeof CopyRecordFile>;

/**
 * All copy records of a pair: their files, in byte order, each starting after the last key of the file before. It is
 * replaced as a whole, and names only new files and those of the index that it replaces.
 */
export const CopyRecordIndex = z.strictObject({
  v: z.literal(1),
  pair: CopyRecordPair,
  /** Which report wrote it. */
  writer: z.string(),
  files: z.array(CopyRecordFile),
});
export type CopyRecordIndex = z.infer<typeof CopyRecordIndex>;

/** Paths below the folder of a pair. */
export const copyRecordPaths = {
  index: 'index.json',
  files: 'files/',
  file: (name: string): string => `files/${name}.jsonl`,
} as const;

/**
 * The pair of a run. Folders that both paths end in are left out, so that a run of `s3://a/photos` to `s3://b/photos`
 * has the pair of one of `s3://a` to `s3://b`: the same keys land in the same places.
 */
export function findPair(source: string, destination: string, mapping: Mapping): CopyRecordPair {
  let { base, folder } = mapping;
  while (base !== '' && lastFolder(base) === lastFolder(folder)) {
    const length = lastFolder(base).length;
    base = base.slice(0, -length);
    folder = folder.slice(0, -length);
  }
  return { source, base, destination, folder };
}

/** `b/` of `a/b/`. A base is empty or ends in `/`, as a folder does. */
const lastFolder = (path: string): string =>
  path === '/' ? path : path.slice(path.lastIndexOf('/', path.length - 2) + 1);

/** Folder of the work bucket with all copy records. */
export const copyRecordsFolder = 'copy-records/';

/** Folder of the work bucket where the copy records of a pair are. */
export function pairFolder(
  { source, base, destination, folder }: CopyRecordPair,
  { sha256 }: Hashes,
): string {
  return `${copyRecordsFolder}${source}/${destination}/${sha256(JSON.stringify([base, folder])).slice(0, 16)}/`;
}

/** Whether the index is that of these two ends. */
export const isOfPair = (a: CopyRecordPair, b: CopyRecordPair): boolean =>
  a.source === b.source && a.base === b.base && a.destination === b.destination && a.folder === b.folder;

type Versions = { readonly source: Pick<Listed, 'etag'>; readonly destination: Pick<Listed, 'etag'> };

/** Whether a copy record is about these two versions. */
export const namesVersions = ({ source, target }: CopyRecord, versions: Versions): boolean =>
  source === versions.source.etag && target === versions.destination.etag;

/**
 * Whether a copy record shows that two versions are the same. With `verify: required`, a record of the size alone is not
 * enough: it only says that S3 made one from the other.
 */
export const attests = (copyRecord: CopyRecord, versions: Versions, verify: CopyRequest['verify']): boolean =>
  namesVersions(copyRecord, versions) && (verify === 'best' || copyRecord.proof !== 'size');

/** Whether a copy record would add nothing to what the two ETags already show. */
export const isImplied = (
  { source, target }: Pick<CopyRecord, 'source' | 'target'>,
  hashes: Hashes,
): boolean => source === target || isSameAsOnePart(source, target, hashes);

/** Makes the copy record of a copied object, if both ETags are known and the record adds something. */
export function makeCopyRecord(
  key: string,
  { status, sourceEtag: source, etag: target, proof }: Omit<ObjectResult, 'line'>,
  hashes: Hashes,
): CopyRecord | undefined {
  if (status !== 'copied' || !source || !target || proof === undefined) return undefined;
  return isImplied({ source, target }, hashes) ? undefined : { key, source, target, proof };
}

/** Lines of a file of copy records at most, which bounds the memory of its readers. */
export const recordsInFile = 20_000;

/** Cuts copy records into as few files as hold them, all of about one length, so that files that grow stay large. */
export function cutIntoFiles(
  copyRecords: readonly CopyRecord[],
  most: number = recordsInFile,
): CopyRecord[][] {
  const count = Math.ceil(copyRecords.length / most);
  return Array.from({ length: count }, (_, n) =>
    copyRecords.slice(
      Math.floor((n * copyRecords.length) / count),
      Math.floor(((n + 1) * copyRecords.length) / count),
    ),
  );
}
