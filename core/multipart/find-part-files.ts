import { countParts, isPlain, multipartEtag } from '../model/etags.ts';
import { partFileKeys } from '../model/part-files.ts';
import { compareWhole } from '../rules/checksums.ts';
import type { Checksum } from '../rules/compare.ts';
import { forEachConcurrently } from '../rules/for-each-concurrently.ts';
import { hashes } from '../rules/hashes.ts';
import { type Part, partBytes } from '../rules/part-layout.ts';
import type { CopyContext } from '../run/copy-context.ts';
import { absentIfDenied } from '../s3/absent-if-denied.ts';
import { hasStatus } from '../s3/failures.ts';
import type { ObjectHead, Page } from '../s3/object-store.ts';
import type { Staging } from './staging.ts';

/** A file of the temp area as a listing shows it. */
interface File {
  readonly etag: string;
  readonly size: number;
}

/** The files that parts have, by part number. */
export interface PartFiles {
  readonly temp: ReadonlyMap<number, File>;
  readonly part: ReadonlyMap<number, File>;
}

/** Whether a `temp-NNNNN` is the upload of one part of the right size. */
export const hasTemp = ({ temp }: PartFiles, part: Part): boolean => {
  const file = temp.get(part.number);
  return file !== undefined && file.size === partBytes(part) && countParts(file.etag) === 1;
};

/** A pair of files of one part that proves itself. */
export interface Pair {
  /** ETag of the simple file. */
  readonly etag: string;
  /** MD5 of its bytes, if the ETags show it. */
  readonly md5?: string;
  /** That of a one-part upload of its bytes, where the server keeps it when it copies. */
  readonly uploadEtag?: string;
  /** Checksums that both files have, if the ETags do not show the MD5. */
  readonly checksums?: readonly Checksum[];
}

/**
 * The pairs that prove themselves. The ETag of a one-part upload is made of the simple object's MD5; where that
 * does not show, both files are asked for more.
 */
export async function findPairs(
  context: CopyContext,
  staging: Staging,
  parts: readonly Part[],
  found?: PartFiles,
): Promise<Map<number, Pair>> {
  const files = found ?? (await findPartFiles(context, staging, parts));
  const pairs = new Map<number, Pair>();
  await forEachConcurrently(parts, context.run.copyRequest.concurrency, async (part) => {
    const pair = await findPair(context, staging, files, part);
    if (pair !== undefined) pairs.set(part.number, pair);
  });
  return pairs;
}

async function findPair(
  context: CopyContext,
  staging: Staging,
  files: PartFiles,
  part: Part,
): Promise<Pair | undefined> {
  const simple = files.part.get(part.number);
  const upload = files.temp.get(part.number);
  if (simple?.size !== partBytes(part) || upload === undefined || !hasTemp(files, part)) return undefined;
  if (isMadeOf(upload.etag, simple.etag)) return { etag: simple.etag, md5: simple.etag };
  const pair = await pairByHeads(context, staging, part, upload.etag);
  return pair?.etag === simple.etag ? pair : undefined;
}

/**
 * Finds the pair of a part that its ETags alone do not prove. On a server that keeps the ETag of an upload when it copies
 * it, equal ETags prove the bytes. Under a KMS key, which hides MD5s, checksums do.
 *
 * @param uploadEtag ETag of the `temp-NNNNN` that was copied
 */
export async function pairByHeads(
  context: CopyContext,
  staging: Staging,
  part: Part,
  uploadEtag: string,
): Promise<Pair | undefined> {
  const [simple, upload] = await Promise.all([
    headFile(context, partFileKeys.part(staging.folder, part.number)),
    headFile(context, partFileKeys.temp(staging.folder, part.number)),
  ]);
  if (simple?.size !== partBytes(part) || upload === undefined) return undefined;
  const { etag, checksums } = simple;
  if (simple.sseS3 && upload.sseS3) return etag === uploadEtag ? { etag, uploadEtag } : undefined;
  return compareWhole(upload.checksums, checksums)?.isSame === true ? { etag, checksums } : undefined;
}

/** The answer to HEAD for a part file. */
const headFile = ({ destination, limiter }: CopyContext, key: string): Promise<ObjectHead | undefined> =>
  limiter.send(() => destination.store.head({ bucket: destination.temp.bucket, key }));

/** Whether an upload's ETag is that of one part with this MD5. */
export const isMadeOf = (uploadEtag: string, partEtag: string): boolean =>
  isPlain(partEtag) && multipartEtag([partEtag], hashes) === uploadEtag;

const numberIn = (key: string): number => Number(key.slice(-5));

/** Lists the files of neighboring parts. */
export async function findPartFiles(
  context: CopyContext,
  staging: Staging,
  parts: readonly Part[],
): Promise<PartFiles> {
  const [temp, part] = await Promise.all([
    findFiles(context, (number) => partFileKeys.temp(staging.folder, number), parts),
    findFiles(context, (number) => partFileKeys.part(staging.folder, number), parts),
  ]);
  return { temp, part };
}

/** By one listing, or by looking each file up where that is denied. */
async function findFiles(
  context: CopyContext,
  keyOf: (number: number) => string,
  parts: readonly Part[],
): Promise<ReadonlyMap<number, File>> {
  try {
    return await listFiles(context, keyOf, parts);
  } catch (error) {
    if (!hasStatus(error, 403)) throw error;
    return lookUpFiles(context, keyOf, parts);
  }
}

async function lookUpFiles(
  context: CopyContext,
  keyOf: (number: number) => string,
  parts: readonly Part[],
): Promise<ReadonlyMap<number, File>> {
  const files = new Map<number, File>();
  await forEachConcurrently(parts, context.run.copyRequest.concurrency, async ({ number }) => {
    const head = await absentIfDenied(() => headFile(context, keyOf(number)));
    if (head !== undefined) files.set(number, { etag: head.etag, size: head.size });
  });
  return files;
}

async function listFiles(
  { destination, limiter }: CopyContext,
  keyOf: (number: number) => string,
  parts: readonly Part[],
): Promise<Map<number, File>> {
  const files = new Map<number, File>();
  const [first, last] = [parts[0]?.number ?? 1, parts.at(-1)?.number ?? 0];
  const prefix = keyOf(0).slice(0, -5);
  let from: { readonly next: string } | { readonly after: string } | undefined = { after: keyOf(first - 1) };
  while (from !== undefined) {
    const page: Page = await limiter.send(() =>
      destination.store.list(destination.temp.bucket, prefix, from),
    );
    for (const { key, etag, size } of page.objects) files.set(numberIn(key), { etag, size });
    const isBehind = numberIn(page.objects.at(-1)?.key ?? '00000') >= last;
    from = isBehind || page.next === undefined ? undefined : { next: page.next };
  }
  return files;
}
