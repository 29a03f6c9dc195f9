import * as z from 'zod';
import type { MapName } from '../../../core/model/batches.ts';
import { compareKeys } from '../../../core/model/bytes.ts';
import { type CopyRecord, CopyRecordChange, makeCopyRecord } from '../../../core/model/copy-records.ts';
import { runPaths } from '../../../core/model/run-paths.ts';
import { hashes } from '../../../core/rules/hashes.ts';
import { PassIndex } from '../../../core/rules/passes.ts';
import { type BatchOutcomes, readBatchOutcomes } from '../../../core/run/batch-outcomes.ts';
import type { Run } from '../../../core/run/open-run.ts';

/** Where to begin to read again what a run has found out: a number of files of the plan, and a batch of each map. */
export const Position = z.strictObject({
  plan: z.int().nonnegative(),
  objects: z.string(),
  multipart: z.string(),
});
export type Position = z.infer<typeof Position>;

/** The beginning of everything. */
export const firstPosition: Position = { plan: 0, objects: '', multipart: '' };

/** A few changes in byte order, and where to begin to find them again. */
interface Chunk<At> {
  readonly changes: readonly CopyRecordChange[];
  readonly at: At;
}

/** What the plan has found out, a file at a time. */
async function* ofPlan(
  { files }: Run,
  names: readonly string[],
  from: number,
): AsyncGenerator<Chunk<number>> {
  for (let at = from; at < names.length; at += 1) {
    yield { changes: await files.lines(runPaths.planCopyRecords(names[at] as string), CopyRecordChange), at };
  }
}

const copyRecordsIn = ({ objects, results }: BatchOutcomes): CopyRecord[] =>
  objects.flatMap(({ key, line }) => {
    const result = results.get(line);
    return result === undefined ? [] : (makeCopyRecord(key, result, hashes) ?? []);
  });

/**
 * What the copies of a map have proven. Objects are packed into batches in rounds: the keys of one round lie behind
 * those of the round before, so that to sort a round is to sort them all. Files that only a redrive has found are in
 * no round, and get no copy record.
 */
async function* ofMap(
  { files }: Run,
  map: MapName,
  passes: number,
  from: string,
): AsyncGenerator<Chunk<string>> {
  const planned = (await files.find(runPaths.pass(1), PassIndex))?.[map] ?? 0;
  let round: CopyRecord[] = [];
  let at = from;
  let before = from;
  let last = '';
  for await (const ended of readBatchOutcomes(files, map, passes, from)) {
    if (Number(ended.batch) > planned) break;
    const keys = ended.objects.map(({ key }) => key);
    if (compareKeys(keys[0] ?? '', last) > 0) {
      yield { changes: round.sort((a, b) => compareKeys(a.key, b.key)), at };
      round = [];
      at = before;
    }
    round.push(...copyRecordsIn(ended));
    last = compareKeys(keys.at(-1) ?? '', last) > 0 ? (keys.at(-1) as string) : last;
    before = ended.batch;
  }
  yield { changes: round.sort((a, b) => compareKeys(a.key, b.key)), at };
}

/** One sequence of changes, chunk by chunk. A key that does not come after the one before is left out. */
class Sequence<At> {
  readonly #chunks: AsyncGenerator<Chunk<At>>;
  #changes: readonly CopyRecordChange[] = [];
  #index = 0;
  #last: string;
  #hasEnded = false;
  at: At;

  constructor(chunks: AsyncGenerator<Chunk<At>>, at: At, after: string) {
    this.#chunks = chunks;
    this.at = at;
    this.#last = after;
  }

  get isReady(): boolean {
    return this.#hasEnded || this.#index < this.#changes.length;
  }

  get current(): CopyRecordChange | undefined {
    return this.#changes[this.#index];
  }

  advance(): void {
    this.#last = this.current?.key ?? this.#last;
    this.#index += 1;
    this.#skip();
  }

  /** Reads one chunk. */
  async load(): Promise<void> {
    const { value, done } = await this.#chunks.next();
    this.#hasEnded = done === true;
    this.#changes = value?.changes ?? [];
    this.#index = 0;
    this.at = value?.at ?? this.at;
    this.#skip();
  }

  #skip(): void {
    while (this.current !== undefined && compareKeys(this.current.key, this.#last) <= 0) this.#index += 1;
  }
}

/** All that a run has found out about copy records, in byte order of their keys. */
export class Changes {
  readonly #plan: Sequence<number>;
  readonly #objects: Sequence<string>;
  readonly #multipart: Sequence<string>;

  /**
   * @param planFiles names of the plan's files of changes
   * @param passes number of passes so far
   * @param after key to begin behind; empty at the beginning
   */
  constructor(run: Run, planFiles: readonly string[], passes: number, from: Position, after: string) {
    const map = (name: MapName) => new Sequence(ofMap(run, name, passes, from[name]), from[name], after);
    this.#plan = new Sequence(ofPlan(run, planFiles, from.plan), from.plan, after);
    this.#objects = map('objects');
    this.#multipart = map('multipart');
  }

  /** What a copy has proven counts more than what the plan knew before it. */
  get #sequences(): readonly [Sequence<string>, Sequence<string>, Sequence<number>] {
    return [this.#objects, this.#multipart, this.#plan];
  }

  /** Where to begin again, together with the last key that was used. */
  get position(): Position {
    return { plan: this.#plan.at, objects: this.#objects.at, multipart: this.#multipart.at };
  }

  /** Whether `current` can be asked without waiting. */
  get isReady(): boolean {
    return this.#sequences.every(({ isReady }) => isReady);
  }

  /** The current change, or undefined at the end. Read it only if `isReady`. */
  get current(): CopyRecordChange | undefined {
    let least: CopyRecordChange | undefined;
    for (const { current } of this.#sequences) {
      if (current !== undefined && (least === undefined || compareKeys(current.key, least.key) < 0))
        least = current;
    }
    return least;
  }

  /** Goes to the next key. */
  advance(): void {
    const key = this.current?.key;
    for (const sequence of this.#sequences) if (sequence.current?.key === key) sequence.advance();
  }

  /** Waits for a little more: one chunk of each sequence that is not ready. */
  async load(): Promise<void> {
    for (const sequence of this.#sequences) if (!sequence.isReady) await sequence.load();
  }
}
