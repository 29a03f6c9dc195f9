import { type Lane, OrderedObject } from '../model/batches.ts';
import { ObjectResult, strongest } from '../model/results.ts';
import { runPaths } from '../model/run-paths.ts';
import { LaneResults, ordersOf } from './batches.ts';
import type { RunFiles } from './run-files.ts';

/** Which report is written: behind which pass, in which redrive. */
export interface ReportOf {
  readonly pass: number;
  readonly redrives: number;
}

/** An order of the first pass and the strongest result that any pass has of each of its objects. */
export interface EndedOrder {
  readonly order: string;
  readonly objects: readonly OrderedObject[];
  readonly results: ReadonlyMap<number, ObjectResult>;
}

/**
 * Goes through all planned objects of a lane and how they ended, an order at a time.
 *
 * @param passes number of passes so far
 * @param after name of the order to begin behind
 */
export async function* endedOrders(
  files: RunFiles,
  lane: Lane,
  passes: number,
  after: string,
): AsyncGenerator<EndedOrder> {
  const results = Array.from(
    { length: passes },
    (_, index) => new LaneResults(files, index + 1, lane, after),
  );
  for await (const order of ordersOf(files, 1, lane, after)) {
    const segments = (await Promise.all(results.map((pass) => pass.of(order)))).flat();
    const [objects, lines] = await Promise.all([
      files.lines(runPaths.order(1, lane, order), OrderedObject),
      Promise.all(segments.map((path) => files.lines(path, ObjectResult))),
    ]);
    yield { order, objects, results: strongest(lines.flat()) };
  }
}
