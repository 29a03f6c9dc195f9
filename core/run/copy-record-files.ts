import { compareKeys } from '../model/bytes.ts';
import {
  CopyRecord,
  type CopyRecordFile,
  CopyRecordIndex,
  copyRecordPaths,
  isOfPair,
} from '../model/copy-records.ts';
import type { CopyRecordFolder } from './open-run.ts';
import { parseAs } from './run-files.ts';

/** The index of a pair as it was found. */
export interface FoundIndex {
  readonly files: readonly CopyRecordFile[];
  /** Which report wrote it. */
  readonly writer?: string;
  /** ETag of the file. Left out when there is no file. */
  readonly etag?: string;
  /** Why it cannot be used, as text. */
  readonly problem?: string;
}

/** Reads which files hold the copy records of a pair: none if there is no index, or if it belongs to another pair. */
export async function findIndex({ files, pair }: CopyRecordFolder): Promise<FoundIndex> {
  const file = await files.text(copyRecordPaths.index);
  if (file === undefined) return { files: [] };
  const of = (problem: string): FoundIndex => ({
    files: [],
    etag: file.etag,
    problem: `${files.locate(copyRecordPaths.index)} ${problem}`,
  });
  const parsed = parseAs(CopyRecordIndex, file.text);
  if ('problem' in parsed) return of(`is not a file of this version: ${parsed.problem}`);
  const { value } = parsed;
  if (!isOfPair(value.pair, pair)) return of('is that of other ends');
  if (!areInOrder(value.files)) return of('is out of order');
  return { files: value.files, writer: value.writer, etag: file.etag };
}

const areInOrder = (files: readonly CopyRecordFile[]): boolean =>
  files.every(({ first }, index) => index === 0 || compareKeys(files[index - 1]?.first ?? '', first) < 0);

/** What a file of copy records holds, as far as it can be trusted. */
export interface FoundCopyRecords {
  readonly copyRecords: readonly CopyRecord[];
  /** What is wrong with the file after these lines, as text. */
  readonly problem?: string;
  /** The file does not exist (any more). */
  readonly isGone?: true;
}

/** Reads a file of copy records. From its first wrong line on it holds none. */
export async function readCopyRecords(
  { files }: CopyRecordFolder,
  file: CopyRecordFile,
): Promise<FoundCopyRecords> {
  const path = copyRecordPaths.file(file.name);
  const found = await files.text(path);
  if (found === undefined)
    return { copyRecords: [], problem: `${files.locate(path)} is missing`, isGone: true };
  const { copyRecords, ...read } = parseLines(file, found.text);
  const problem = read.problem ?? countMismatch(file, copyRecords.length);
  return problem === undefined
    ? { copyRecords }
    : { copyRecords, problem: `${files.locate(path)}: ${problem}` };
}

interface Parsed {
  readonly copyRecords: readonly CopyRecord[];
  readonly problem?: string;
}

function parseLines({ first }: CopyRecordFile, text: string): Parsed {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  const copyRecords: CopyRecord[] = [];
  for (const [index, line] of lines.entries()) {
    const parsed = parseAs(CopyRecord, line);
    if ('problem' in parsed) return { copyRecords, problem: `line ${index + 1} is wrong: ${parsed.problem}` };
    const { key } = parsed.value;
    const isInOrder =
      index === 0 ? key === first : compareKeys((copyRecords[index - 1] as CopyRecord).key, key) < 0;
    if (!isInOrder) return { copyRecords, problem: `line ${index + 1} is out of order` };
    copyRecords.push(parsed.value);
  }
  return { copyRecords };
}

const countMismatch = ({ copyRecords }: CopyRecordFile, found: number): string | undefined =>
  found === copyRecords ? undefined : `it has ${found} lines instead of ${copyRecords}`;
