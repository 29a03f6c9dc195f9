import * as z from 'zod';
import { compareKeys } from '../model/bytes.ts';
import { runPaths } from '../model/run-paths.ts';
import type { ReportId } from './batch-outcomes.ts';
import type { RunFiles } from './run-files.ts';

const Count = z.int().nonnegative();

/**
 * Failures in ascending sequences of keys, one after the other. The results of a run are nearly sorted, so there are few
 * sequences.
 */
export const SortedFailures = z.strictObject({
  /** Chunks of each sequence that has ended. */
  ended: z.array(Count),
  /** Chunks of the current sequence that are written. */
  chunks: Count,
  /** Lines that are not written yet. */
  pending: z.string(),
  /** Key of the last line. */
  last: z.string(),
});
export type SortedFailures = z.infer<typeof SortedFailures>;

/** Nothing has failed yet. */
export const noFailures: SortedFailures = { ended: [], chunks: 0, pending: '', last: '' };

/** An object that is not where it should be. */
export interface FailureLine {
  /** Of the source. */
  readonly key: string;
  /** JSON, without its end. */
  readonly text: string;
}

/** Above the least size of a part, since chunks of the merged list are joined by a multipart upload. */
export const chunkCharacters = 8 * 1024 ** 2;

/**
 * Adds failures to the current sequence, or starts another one if their keys do not follow it. Every invocation ends a
 * full chunk at the same line.
 */
export async function addFailures(
  files: RunFiles,
  of: ReportId,
  before: SortedFailures,
  lines: readonly FailureLine[],
): Promise<SortedFailures> {
  const sorted = [...lines].sort((a, b) => compareKeys(a.key, b.key));
  const [first] = sorted;
  if (first === undefined) return before;
  const isBehind = compareKeys(first.key, before.last) > 0;
  let failures = isBehind ? before : await endSequence(files, of, before);
  for (const { key, text } of sorted) {
    failures = { ...failures, pending: `${failures.pending}${text}\n`, last: key };
    if (failures.pending.length >= chunkCharacters) failures = await writeChunk(files, of, failures);
  }
  return failures;
}

/** Ends the current sequence: all of it is in its chunks afterwards. */
export async function endSequence(
  files: RunFiles,
  of: ReportId,
  before: SortedFailures,
): Promise<SortedFailures> {
  const { ended, chunks } = await writeChunk(files, of, before);
  return chunks === 0 ? before : { ...noFailures, ended: [...ended, chunks] };
}

async function writeChunk(
  files: RunFiles,
  { pass, redrives }: ReportId,
  failures: SortedFailures,
): Promise<SortedFailures> {
  const { ended, pending } = failures;
  if (pending === '') return failures;
  const chunks = failures.chunks + 1;
  await files.writeText(runPaths.sortedFailures(pass, redrives, ended.length + 1, chunks), pending);
  return { ...failures, chunks, pending: '' };
}
