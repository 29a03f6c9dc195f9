import type { MapName } from '../model/batches.ts';
import { CopyError } from '../model/errors.ts';
import { batchInPath, runPaths } from '../model/run-paths.ts';
import type { RunFiles } from './run-files.ts';

/** The maps in the order in which they are gone through. */
export const mapNames: readonly MapName[] = ['objects', 'multipart'];

/**
 * Goes through the results of one map of one pass, batch by batch. The listing is read once for all batches, since
 * both are in byte order.
 */
export class MapResults {
  readonly #paths: AsyncGenerator<string>;
  #held: string | undefined;

  /**
   * @param after name of the batch to begin behind
   */
  constructor(files: RunFiles, pass: number, map: MapName, after: string) {
    const folder = runPaths.mapResults(pass, map);
    this.#paths = files.list(folder, after === '' ? '' : `${folder}${after}0`);
  }

  /** Paths of the segments of one batch; the batches are asked for in byte order. */
  async findSegments(batch: string): Promise<string[]> {
    const paths: string[] = [];
    while (true) {
      this.#held ??= (await this.#paths.next()).value as string | undefined;
      if (this.#held === undefined) return paths;
      const found = batchInPath(this.#held);
      if (found > batch) return paths;
      if (found === batch) paths.push(this.#held);
      this.#held = undefined;
    }
  }
}

/**
 * Lists the batches of a map in a pass.
 *
 * @param after the batches after this name are listed
 */
export async function* listBatches(
  files: RunFiles,
  pass: number,
  map: MapName,
  after: string,
): AsyncGenerator<string> {
  const from = after === '' ? '' : runPaths.batch(pass, map, after);
  for await (const path of files.list(runPaths.batches(pass, map), from)) yield batchInPath(path);
}

/**
 * Refuses to count a pass whose batches are not all there. More than expected is not an error: an invocation that
 * died may have written a batch for objects that got a result a moment later.
 *
 * @throws {CopyError} `RunFileError`
 */
export function refuseMissing(pass: number, map: MapName, found: number, expected: number): void {
  if (found >= expected) return;
  throw new CopyError(
    'RunFileError',
    `pass ${pass} has ${found} of ${expected} batches in map ${map}: files of a run expire after 60 days; start a new run`,
  );
}
