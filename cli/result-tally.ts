import { BatchedObject } from '../core/model/batches.ts';
import { ObjectResult } from '../core/model/results.ts';
import { runPaths } from '../core/model/run-paths.ts';
import type { RunFolder } from './run-folder.ts';

/** Planned objects up to which the batch files are read too, to know the size of each. */
const knowsSizesUpTo = 100_000;
/** Files that are read at the same time. */
const filesAtOnce = 16;

const isGood = ({ status }: ObjectResult): boolean => status === 'copied' || status === 'vanished';

/** How many planned objects have ended, from the results that the workers write as they go. */
export class ResultTally {
  readonly #folder: RunFolder;
  readonly #seen = new Set<string>();
  /** Objects whose end is good, where every single one is known. */
  readonly #good = new Set<string>();
  /** Objects that failed, and may still become good in another pass. */
  readonly #bad = new Set<string>();
  readonly #sizes = new Map<string, Promise<readonly number[]>>();
  #objects = 0;
  #bytes = 0;

  constructor(folder: RunFolder) {
    this.#folder = folder;
  }

  /** Objects that have ended well. */
  get objects(): number {
    return this.#objects;
  }

  /** Their bytes; of a plan with very many objects 0, since only the batches know them. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Objects that failed so far. */
  get failed(): number {
    return this.#bad.size;
  }

  /** Whether `bytes` is known. */
  static knowsBytes(planned: number): boolean {
    return planned <= knowsSizesUpTo;
  }

  /** Reads the results that were written since. */
  async update(planned: number): Promise<void> {
    const fresh: string[] = [];
    for await (const path of this.#folder.list('results/')) {
      if (!this.#seen.has(path)) fresh.push(path);
    }
    for (let start = 0; start < fresh.length; start += filesAtOnce) {
      const paths = fresh.slice(start, start + filesAtOnce);
      await Promise.all(paths.map((path) => this.#read(path, ResultTally.knowsBytes(planned))));
    }
  }

  async #read(path: string, isExact: boolean): Promise<void> {
    const [, , map, batch] = path.split('/') as [string, string, 'objects' | 'multipart', string];
    const results = await this.#folder.lines(path, ObjectResult);
    const sizes = isExact ? await this.#sizesOf(map, batch) : [];
    this.#seen.add(path);
    for (const result of results) {
      const name = `${map}/${batch}/${result.line}`;
      if (!isGood(result)) this.#fail(name);
      else this.#succeed(name, isExact, sizes[result.line] ?? 0);
    }
  }

  #fail(name: string): void {
    if (!this.#good.has(name)) this.#bad.add(name);
  }

  #succeed(name: string, isExact: boolean, bytes: number): void {
    this.#bad.delete(name);
    if (isExact) {
      if (this.#good.has(name)) return;
      this.#good.add(name);
    }
    this.#objects += 1;
    this.#bytes += bytes;
  }

  #sizesOf(map: 'objects' | 'multipart', batch: string): Promise<readonly number[]> {
    const name = `${map}/${batch}`;
    const known = this.#sizes.get(name) ?? this.#readSizes(map, batch);
    this.#sizes.set(name, known);
    return known;
  }

  async #readSizes(map: 'objects' | 'multipart', batch: string): Promise<readonly number[]> {
    const objects = await this.#folder.lines(runPaths.batch(1, map, batch), BatchedObject);
    const sizes: number[] = [];
    for (const { line, size } of objects) sizes[line] = size;
    return sizes;
  }
}
