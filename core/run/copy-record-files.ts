import { compareKeys } from '../model/bytes.ts';
import { isOfPair, Receipt, type ReceiptFile, ReceiptIndex, receiptPaths } from '../model/copy-records.ts';
import type { Receipts } from './open-run.ts';
import { parseAs } from './run-files.ts';

/** The index of a pair as it was found. */
export interface FoundIndex {
  readonly files: readonly ReceiptFile[];
  /** Which report wrote it. */
  readonly writer?: string;
  /** Of the file; left out when there is none. */
  readonly etag?: string;
  /** Why it is of no use, in words. */
  readonly problem?: string;
}

/** Reads which files hold the receipts of a pair. An index that is none of this pair, or no index, names no files. */
export async function findIndex({ files, pair }: Receipts): Promise<FoundIndex> {
  const file = await files.text(receiptPaths.index);
  if (file === undefined) return { files: [] };
  const of = (problem: string): FoundIndex => ({
    files: [],
    etag: file.etag,
    problem: `${files.locate(receiptPaths.index)} ${problem}`,
  });
  const parsed = parseAs(ReceiptIndex, file.text);
  if ('problem' in parsed) return of(`is not a file of this version: ${parsed.problem}`);
  const { value } = parsed;
  if (!isOfPair(value.pair, pair)) return of('is that of other ends');
  if (!areInOrder(value.files)) return of('is out of order');
  return { files: value.files, writer: value.writer, etag: file.etag };
}

const areInOrder = (files: readonly ReceiptFile[]): boolean =>
  files.every(({ first }, index) => index === 0 || compareKeys(files[index - 1]?.first ?? '', first) < 0);

/** What a file of receipts holds, as far as it can be trusted. */
export interface FoundReceipts {
  readonly receipts: readonly Receipt[];
  /** What is wrong with the file behind these, in words. */
  readonly problem?: string;
  /** The file does not exist (any more). */
  readonly isGone?: true;
}

/** Reads a file of receipts. From its first wrong line on it holds none. */
export async function readReceipts({ files }: Receipts, file: ReceiptFile): Promise<FoundReceipts> {
  const path = receiptPaths.file(file.name);
  const found = await files.text(path);
  if (found === undefined) return { receipts: [], problem: `${files.locate(path)} is missing`, isGone: true };
  const { receipts, ...read } = parseLines(file, found.text);
  const problem = read.problem ?? countMismatch(file, receipts.length);
  return problem === undefined ? { receipts } : { receipts, problem: `${files.locate(path)}: ${problem}` };
}

interface Parsed {
  readonly receipts: readonly Receipt[];
  readonly problem?: string;
}

function parseLines({ first }: ReceiptFile, text: string): Parsed {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  const receipts: Receipt[] = [];
  for (const [index, line] of lines.entries()) {
    const parsed = parseAs(Receipt, line);
    if ('problem' in parsed) return { receipts, problem: `line ${index + 1} is wrong: ${parsed.problem}` };
    const { key } = parsed.value;
    const isInOrder =
      index === 0 ? key === first : compareKeys((receipts[index - 1] as Receipt).key, key) < 0;
    if (!isInOrder) return { receipts, problem: `line ${index + 1} is out of order` };
    receipts.push(parsed.value);
  }
  return { receipts };
}

const countMismatch = ({ receipts }: ReceiptFile, found: number): string | undefined =>
  found === receipts ? undefined : `it has ${found} lines instead of ${receipts}`;
