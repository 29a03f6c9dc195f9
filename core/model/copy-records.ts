import * as z from 'zod';
import type { Request } from './copy-request.ts';
import { isSameAsOnePart } from './etags.ts';
import type { Hashes } from './hashes.ts';
import type { Listed } from './listed.ts';
import type { Mapping } from './paths.ts';
import { evidences, type ObjectResult } from './results.ts';

/**
 * That two versions hold the same bytes, as an earlier run has proven: a line of a file of receipts. It names
 * versions by their ETags, so that it never becomes wrong, only useless, when either end is overwritten.
 */
export const Receipt = z.strictObject({
  /** Source key. Which destination key belongs to it, the pair of the receipts tells. */
  key: z.string().min(1),
  /** ETag of the source version. */
  source: z.string().min(1),
  /** ETag at the destination. */
  target: z.string().min(1),
  /** What proved it. */
  proof: z.enum([...evidences, 'part-files']),
});
export type Receipt = z.infer<typeof Receipt>;

/** What a plan has found out about the receipt of a key: a new one, or that it is of no use any more. */
export const ReceiptChange = z.union([Receipt, z.strictObject({ key: z.string(), gone: z.literal(true) })]);
export type ReceiptChange = z.infer<typeof ReceiptChange>;

/** The two ends that receipts belong to: buckets, and where source keys land. */
export const ReceiptPair = z.strictObject({
  source: z.string(),
  base: z.string(),
  destination: z.string(),
  folder: z.string(),
});
export type ReceiptPair = z.infer<typeof ReceiptPair>;

/** One file of receipts, in byte order of their keys. Nobody changes it any more. */
export const ReceiptFile = z.strictObject({
  name: z.string(),
  /** Key of its first line. */
  first: z.string(),
  /** Number of its lines. */
  receipts: z.int().min(1),
});
export type ReceiptFile = z.infer<typeof ReceiptFile>;

/**
 * All receipts of a pair: their files, in byte order, each beginning behind the last key of the one before. It is
 * replaced as a whole, and names no file but new ones and those of the index that it replaces.
 */
export const ReceiptIndex = z.strictObject({
  v: z.literal(1),
  pair: ReceiptPair,
  /** Which report wrote it. */
  writer: z.string(),
  files: z.array(ReceiptFile),
});
export type ReceiptIndex = z.infer<typeof ReceiptIndex>;

/** Paths below the folder of a pair. */
export const receiptPaths = {
  index: 'index.json',
  files: 'files/',
  file: (name: string): string => `files/${name}.jsonl`,
} as const;

/**
 * The pair of a run. Folders that both paths end in are left out, so that a run of `s3://a/photos` to `s3://b/photos`
 * has the pair of one of `s3://a` to `s3://b`: the same keys land in the same places.
 */
export function pairOf(source: string, destination: string, mapping: Mapping): ReceiptPair {
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

/** Folder of the work bucket with all receipts. */
export const receiptsFolder = 'receipts/';

/** Folder of the work bucket where the receipts of a pair are. */
export function folderOfPair({ source, base, destination, folder }: ReceiptPair, { sha256 }: Hashes): string {
  return `${receiptsFolder}${source}/${destination}/${sha256(JSON.stringify([base, folder])).slice(0, 16)}/`;
}

/** Whether the index is that of these two ends. */
export const isOfPair = (a: ReceiptPair, b: ReceiptPair): boolean =>
  a.source === b.source && a.base === b.base && a.destination === b.destination && a.folder === b.folder;

type Versions = { readonly source: Pick<Listed, 'etag'>; readonly destination: Pick<Listed, 'etag'> };

/** Whether a receipt is about these two versions. */
export const names = ({ source, target }: Receipt, versions: Versions): boolean =>
  source === versions.source.etag && target === versions.destination.etag;

/**
 * Whether a receipt tells that two versions are the same. Who requires a proof is not content with one of the size,
 * which says no more than that S3 itself made the one of the other.
 */
export const attests = (receipt: Receipt, versions: Versions, verify: Request['verify']): boolean =>
  names(receipt, versions) && (verify === 'best' || receipt.proof !== 'size');

/** Whether a receipt would tell what the two ETags tell by themselves. */
export const isNeedless = ({ source, target }: Pick<Receipt, 'source' | 'target'>, hashes: Hashes): boolean =>
  source === target || isSameAsOnePart(source, target, hashes);

/** The receipt of an object that was copied, if it is of any use; only what tells its versions can have one. */
export function receiptOf(
  key: string,
  { status, sourceEtag: source, etag: target, proof }: Omit<ObjectResult, 'line'>,
  hashes: Hashes,
): Receipt | undefined {
  if (status !== 'copied' || !source || !target || proof === undefined) return undefined;
  return isNeedless({ source, target }, hashes) ? undefined : { key, source, target, proof };
}

/** Lines of a file of receipts at most, which bounds the memory of whoever reads it. */
export const receiptsInFile = 20_000;

/** Cuts receipts into as few files as hold them, all of about one length, so that files that grow stay large. */
export function inFiles(receipts: readonly Receipt[], most: number = receiptsInFile): Receipt[][] {
  const count = Math.ceil(receipts.length / most);
  return Array.from({ length: count }, (_, n) =>
    receipts.slice(
      Math.floor((n * receipts.length) / count),
      Math.floor(((n + 1) * receipts.length) / count),
    ),
  );
}
