import type { Lane } from '../model/batches.ts';
import { CopyError } from '../model/errors.ts';
import { orderOfPath, runPaths } from '../model/run-paths.ts';
import type { RunFiles } from './run-files.ts';

/** The lanes in the order in which they are gone through. */
export const lanes: readonly Lane[] = ['objects', 'multipart'];

/**
 * Goes through the results of one lane of one pass, order by order. The listing is read once for all orders, since
 * both are in byte order.
 */
export class LaneResults {
  readonly #paths: AsyncGenerator<string>;
  #held: string | undefined;

  /**
   * @param after name of the order to begin behind
   */
  constructor(files: RunFiles, pass: number, lane: Lane, after: string) {
    const folder = runPaths.laneResults(pass, lane);
    this.#paths = files.list(folder, after === '' ? '' : `${folder}${after}0`);
  }

  /** Paths of the segments of one order; the orders are asked for in byte order. */
  async of(order: string): Promise<string[]> {
    const paths: string[] = [];
    while (true) {
      this.#held ??= (await this.#paths.next()).value as string | undefined;
      if (this.#held === undefined) return paths;
      const found = orderOfPath(this.#held);
      if (found > order) return paths;
      if (found === order) paths.push(this.#held);
      this.#held = undefined;
    }
  }
}

/**
 * The orders of one lane of a pass.
 *
 * @param after name of the order to begin behind
 */
export async function* ordersOf(
  files: RunFiles,
  pass: number,
  lane: Lane,
  after: string,
): AsyncGenerator<string> {
  const from = after === '' ? '' : runPaths.order(pass, lane, after);
  for await (const path of files.list(runPaths.orders(pass, lane), from)) yield orderOfPath(path);
}

/**
 * Refuses to count a pass whose orders are not all there. More than expected is no error: an invocation that died
 * may have ordered again what had a result a moment later.
 *
 * @throws {CopyError} `RunFileError`
 */
export function refuseMissing(pass: number, lane: Lane, found: number, expected: number): void {
  if (found >= expected) return;
  throw new CopyError(
    'RunFileError',
    `pass ${pass} has ${found} of ${expected} orders in lane ${lane}: files of a run expire after 60 days; start a new run`,
  );
}
