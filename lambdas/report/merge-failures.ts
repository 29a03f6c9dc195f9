import * as z from 'zod';
import { compareKeys } from '../../core/model/bytes.ts';
import { runPaths } from '../../core/model/run-paths.ts';
import type { Deadline } from '../../core/rules/deadline.ts';
import type { ReportId } from '../../core/run/batch-outcomes.ts';
import type { Checkpoint, RunFiles } from '../../core/run/run-files.ts';
import { chunkCharacters, type FailureLine } from '../../core/run/sorted-failures.ts';

const Count = z.int().nonnegative();

/** How far the sequences are merged. */
const Cursor = z.strictObject({
  v: z.literal(1),
  /** Chunk of each sequence that is read, from 1. */
  at: z.array(Count),
  /** Key of the last line that is written. */
  after: z.string(),
  /** Chunks of `failures.jsonl` that are written. */
  chunks: Count,
  /** They are one file, and nothing is left to do. */
  isJoined: z.boolean(),
});
type Cursor = z.infer<typeof Cursor>;

const Line = z.looseObject({ sourceKey: z.string() });

/** One ascending sequence of failures, a chunk in memory. */
class Sequence {
  readonly #files: RunFiles;
  readonly #paths: readonly string[];
  #lines: readonly FailureLine[] = [];
  #index = 0;
  #read: number;

  /**
   * @param paths of its chunks
   * @param at chunk to begin with, from 1
   */
  constructor(files: RunFiles, paths: readonly string[], at: number) {
    this.#files = files;
    this.#paths = paths;
    this.#read = at - 1;
  }

  /** The current chunk, from 1. */
  get at(): number {
    return Math.max(this.#read, 1);
  }

  get current(): FailureLine | undefined {
    return this.#lines[this.#index];
  }

  /** Moves to the next line after a key. */
  async goBehind(key: string): Promise<void> {
    while (this.current === undefined || compareKeys(this.current.key, key) <= 0) {
      if (this.current !== undefined) this.#index += 1;
      else if (!(await this.#load())) return;
    }
  }

  async #load(): Promise<boolean> {
    const path = this.#paths[this.#read];
    if (path === undefined) return false;
    this.#read += 1;
    this.#index = 0;
    const lines = await this.#files.lines(path, Line);
    this.#lines = lines.map((line) => ({ key: line.sourceKey, text: JSON.stringify(line) }));
    return true;
  }
}

/**
 * Merges ascending sequences of failures into `failures.jsonl`, in byte order of the source keys, so that it is a list
 * of files of any length. It holds a chunk of each sequence in memory.
 *
 * @param sequences chunks of each
 * @returns whether there was time to merge all
 */
export async function mergeFailures(
  files: RunFiles,
  of: ReportId,
  sequences: readonly number[],
  deadline: Deadline,
): Promise<boolean> {
  const path = runPaths.mergeCursor(of.pass, of.redrives);
  const first: Cursor = { v: 1, at: sequences.map(() => 1), after: '', chunks: 0, isJoined: false };
  let cursor: Checkpoint<Cursor> = (await files.checkpoint(path, Cursor)) ?? { value: first };
  if (cursor.value.isJoined) return true;
  const merge = new Merge(files, of, sequences, cursor.value);
  for (let text = await merge.take(); ; text = await merge.take()) {
    const { chunks } = cursor.value;
    if (text.length < chunkCharacters) {
      await join(files, of, chunks, text);
      await files.commit(path, { ...cursor.value, isJoined: true }, cursor);
      return true;
    }
    await files.writeText(runPaths.failuresChunk(of.pass, of.redrives, chunks + 1), text);
    const next = await files.commit(path, { ...cursor.value, ...merge.position, chunks: chunks + 1 }, cursor);
    if (next === undefined || deadline.hasPassed()) return false;
    cursor = next;
  }
}

/** All sequences as one. */
class Merge {
  readonly #sequences: readonly Sequence[];
  #after: string;

  constructor(files: RunFiles, { pass, redrives }: ReportId, counts: readonly number[], from: Cursor) {
    this.#after = from.after;
    this.#sequences = counts.map((count, index) => {
      const path = (_: unknown, n: number) => runPaths.sortedFailures(pass, redrives, index + 1, n + 1);
      return new Sequence(files, Array.from({ length: count }, path), from.at[index] ?? 1);
    });
  }

  get position(): Pick<Cursor, 'at' | 'after'> {
    return { at: this.#sequences.map(({ at }) => at), after: this.#after };
  }

  /** The next lines, as many as make a chunk; fewer at the end. */
  async take(): Promise<string> {
    let text = '';
    for (const sequence of this.#sequences) await sequence.goBehind(this.#after);
    while (text.length < chunkCharacters) {
      const least = this.#least();
      if (least?.current === undefined) break;
      text += `${least.current.text}\n`;
      this.#after = least.current.key;
      await least.goBehind(this.#after);
    }
    return text;
  }

  #least(): Sequence | undefined {
    let least: Sequence | undefined;
    for (const sequence of this.#sequences) {
      const { current } = sequence;
      if (current === undefined) continue;
      if (least?.current === undefined || compareKeys(current.key, least.current.key) < 0) least = sequence;
    }
    return least;
  }
}

async function join(
  files: RunFiles,
  { pass, redrives }: ReportId,
  chunks: number,
  rest: string,
): Promise<void> {
  if (chunks === 0) return files.writeText(runPaths.failures, rest);
  const last = chunks + (rest === '' ? 0 : 1);
  const paths = Array.from({ length: last }, (_, n) => runPaths.failuresChunk(pass, redrives, n + 1));
  if (rest !== '') await files.writeText(paths[chunks] as string, rest);
  await files.join(paths, runPaths.failures);
}
