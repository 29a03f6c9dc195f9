import type { Lane, OrderedObject } from '../model/batches.ts';
import { OrderedObject as OrderedObjectSchema } from '../model/batches.ts';
import { ObjectResult, strongest } from '../model/results.ts';
import { runPaths } from '../model/run-paths.ts';
import type { Ended } from './copy-context.ts';
import type { RunFiles } from './run-files.ts';

/** An order of a pass. */
export interface OrderOf {
  readonly pass: number;
  readonly lane: Lane;
  readonly order: string;
}

/** The objects of an order. */
export const readOrder = (files: RunFiles, { pass, lane, order }: OrderOf): Promise<OrderedObject[]> =>
  files.lines(runPaths.order(pass, lane, order), OrderedObjectSchema);

/** What all invocations have written of an order in one pass, the strongest of each object. */
export async function readResults(
  files: RunFiles,
  { pass, lane, order }: OrderOf,
): Promise<Map<number, ObjectResult>> {
  const results: ObjectResult[] = [];
  for await (const path of files.list(runPaths.results(pass, lane, order))) {
    results.push(...(await files.lines(path, ObjectResult)));
  }
  return strongest(results);
}

/** How a planned object ended, as a line of a segment: its size only when it is not the plan's. */
export function resultOf({ line, size }: OrderedObject, { size: copied, ...ended }: Ended): ObjectResult {
  return { line, ...ended, ...(copied === undefined || copied === size ? {} : { size: copied }) };
}

/** Results in one segment at most, and milliseconds until one is written. */
const segmentLimits = { results: 500, millis: 20_000 };

/** Writes the results of one invocation as segments that nobody changes any more. */
export class ResultSegments {
  readonly #files: RunFiles;
  readonly #of: OrderOf;
  readonly #requestId: string;
  #pending: ObjectResult[] = [];
  #written = 0;
  #since = Date.now();

  constructor(files: RunFiles, of: OrderOf, requestId: string) {
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
    const { pass, lane, order } = this.#of;
    this.#written += 1;
    await this.#files.writeLines(
      runPaths.segment(pass, lane, order, `${this.#requestId}-${this.#written}`),
      results,
    );
  }
}
