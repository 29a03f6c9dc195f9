import { BatchedObject, type MapName } from '../model/batches.ts';
import { ObjectResult, strongest } from '../model/results.ts';
import { runPaths } from '../model/run-paths.ts';
import { listBatches, MapResults } from './batches.ts';
import type { RunFiles } from './run-files.ts';

/** Which report is written: after which pass, in which redrive. */
export interface ReportId {
  readonly pass: number;
  readonly redrives: number;
}

/** A batch of the first pass and the strongest result that any pass has of each of its objects. */
export interface BatchOutcomes {
  readonly batch: string;
  readonly objects: readonly BatchedObject[];
  readonly results: ReadonlyMap<number, ObjectResult>;
}

/**
 * Goes through all planned objects of a map and how they ended, a batch at a time.
 *
 * @param passes number of passes so far
 * @param after name of the batch to begin behind
 */
export async function* readBatchOutcomes(
  files: RunFiles,
  map: MapName,
  passes: number,
  after: string,
): AsyncGenerator<BatchOutcomes> {
  const results = Array.from({ length: passes }, (_, index) => new MapResults(files, index + 1, map, after));
  for await (const batch of listBatches(files, 1, map, after)) {
    const segments = (await Promise.all(results.map((pass) => pass.findSegments(batch)))).flat();
    const [objects, lines] = await Promise.all([
      files.lines(runPaths.batch(1, map, batch), BatchedObject),
      Promise.all(segments.map((path) => files.lines(path, ObjectResult))),
    ]);
    yield { batch, objects, results: strongest(lines.flat()) };
  }
}
