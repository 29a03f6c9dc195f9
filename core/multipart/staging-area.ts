import * as z from 'zod';
import {
  type FolderContent,
  findTempFolder,
  keyFolder,
  layoutFolders,
  parseLayoutSource,
  partFileKeys,
} from '../model/part-files.ts';
import { ObjectResult } from '../model/results.ts';
import { hashes } from '../rules/hashes.ts';
import { partSizeFor } from '../rules/part-layout.ts';
import { absentIfDenied } from '../s3/absent-if-denied.ts';
import type { ObjectStore } from '../s3/object-store.ts';
import type { RequestLimiter } from '../s3/request-limiter.ts';

/** `target.json`: what the part files in the same folder became. */
export const TargetRecord = z.strictObject({
  v: z.literal(1),
  /** The run that made the target. */
  run: z.string(),
  source: z.strictObject({ bucket: z.string(), key: z.string(), etag: z.string(), size: z.int() }),
  target: z.strictObject({ bucket: z.string(), key: z.string(), etag: z.string(), size: z.int() }),
  /** What proved the target. */
  proof: ObjectResult.pick({ proof: true, checksum: true }).optional(),
});
export type TargetRecord = z.infer<typeof TargetRecord>;

/** A version of a source object. */
export interface SourceVersion {
  readonly bucket: string;
  readonly key: string;
  readonly etag: string;
  readonly size: number;
}

/** The layout of an object's parts when they are of one size. */
export const makeEvenLayout = (source: SourceVersion, partSize: number): FolderContent => ({
  v: 1,
  source,
  partSize: partSizeFor(source.size, partSize),
});

/** Where part files are. */
export interface TempArea {
  readonly store: ObjectStore;
  readonly bucket: string;
  readonly prefix: string;
}

/** Reads the record of a folder; something else under its name counts as none. */
export async function readTargetRecord(
  area: TempArea,
  folder: string,
  limiter: RequestLimiter,
): Promise<TargetRecord | undefined> {
  const file = await absentIfDenied(() =>
    limiter.send(() => area.store.get({ bucket: area.bucket, key: partFileKeys.target(folder) })),
  );
  return file === undefined ? undefined : parseTargetRecord(file.text);
}

/** The text of a `target.json`; undefined for something else under its name. */
export function parseTargetRecord(text: string): TargetRecord | undefined {
  try {
    return TargetRecord.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Reads from either record which source version the part files of a folder belong to. Undefined without a record. */
export async function readFolderSource(
  area: TempArea,
  folder: string,
  limiter: RequestLimiter,
): Promise<SourceVersion | undefined> {
  const file = { bucket: area.bucket, key: partFileKeys.layout(folder) };
  const layout = await limiter.send(() => area.store.get(file));
  return parseLayoutSource(layout?.text ?? '') ?? (await readTargetRecord(area, folder, limiter))?.source;
}

/** The folders of part files that a source key has, of whatever version and layout. */
export async function* listFolders(
  { store, bucket, prefix }: TempArea,
  key: string,
  limiter: RequestLimiter,
): AsyncGenerator<string> {
  const above = `${keyFolder(prefix, key, hashes)}/`;
  let next: string | undefined;
  do {
    const page = await limiter.send(() => store.listFolders(bucket, above, next));
    for (const found of page.folders) {
      const folder = found.slice(0, -1);
      if (findTempFolder(prefix, partFileKeys.layout(folder)) === folder) yield folder;
    }
    next = page.next;
  } while (next !== undefined);
}

const isSame = (a: SourceVersion, b: SourceVersion): boolean =>
  a.bucket === b.bucket && a.key === b.key && a.etag === b.etag && a.size === b.size;

/** Whether the part files of this source version became this very target. */
export async function becameTarget(
  area: TempArea,
  layout: FolderContent,
  target: SourceVersion,
  limiter: RequestLimiter,
): Promise<boolean> {
  for (const folder of layoutFolders(area.prefix, layout, hashes)) {
    const record = await readTargetRecord(area, folder, limiter);
    if (record === undefined) continue;
    if (isSame(record.source, layout.source) && isSame(record.target, target)) return true;
  }
  return false;
}
