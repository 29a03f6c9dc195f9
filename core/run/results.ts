import type { BatchedObject, MapName } from '../model/batches.ts';
import { BatchedObject as BatchedObjectSchema } from '../model/batches.ts';
import { ObjectResult, strongest } from '../model/results.ts';
import { runPaths } from '../model/run-paths.ts';
import type { Outcome } from './copy-context.ts';
import type { RunFiles } from './run-files.ts';

/** A batch of a pass. */
export interface BatchId {
  readonly pass: number;
  readonly map: MapName;
  readonly batch: string;
}

/** The objects of a batch. */
export const readBatch = (files: RunFiles, { pass, map, batch }: BatchId): Promise<BatchedObject[]> =>
  files.lines(runPaths.batch(pass, map, batch), BatchedObjectSchema);

/** What all invocations have written of a batch in one pass, the strongest of each object. */
export async function readResults(
  files: RunFiles,
  { pass, map, batch }: BatchId,
): Promise<Map<number, ObjectResult>> {
  const results: ObjectResult[] = [];
  for await (const path of files.list(runPaths.results(pass, map, batch))) {
    results.push(...(await files.lines(path, ObjectResult)));
  }
  return strongest(results);
}

/** How a planned object ended, as a line of a segment: its size only when it is not the plan's. */
export function toResult({ line, size }: BatchedObject, { size: copied, ...ended }: Outcome): ObjectResult {
  return { line, ...ended, ...(copied === undefined || copied === size ? {} : { size: copied }) };
}

/** Results in one segment at most, and milliseconds until one is written. */
const segmentLimits = { results: 500, millis: 20_000 };

/** Writes the results of one invocation as segments, which are never changed. */
export class ResultSegments {
  readonly #files: RunFiles;
  readonly #of: BatchId;
  readonly #requestId: string;
  #pending: ObjectResult[] = [];
  #written = 0;
  #since = Date.now();

  constructor(files: RunFiles, of: BatchId, requestId: string) {
    this.#files = files;
    this.#of = of;
    this.#requestId = requestId;
  }

  /** Adds a result, and writes a segment when it is time. */
  async add(result: ObjectResult): Promise<void> {
    this.#pending.push(result);
    const isDue = Date.now() - this.#since >= segmentLimits.millis;
    if (this.#pending.length >= segmentLimits.results || isDue) await this.flush();
  }

  /** Writes what is left. */
  async flush(): Promise<void> {
    const results = this.#pending;
    this.#pending = [];
    this.#since = Date.now();
    if (results.length === 0) return;
    const { pass, map, batch } = this.#of;
    this.#written += 1;
    await this.#files.writeLines(
      runPaths.segment(pass, map, batch, `${this.#requestId}-${this.#written}`),
      results,
    );
  }
}
