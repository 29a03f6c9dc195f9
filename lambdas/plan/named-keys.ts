import { type Entry, lookUp } from '../../core/diff/entries.ts';
import { compareKeys } from '../../core/model/bytes.ts';
import { coversItem, type Selected } from '../../core/model/paths.ts';
import { looksForExtra, type Run } from '../../core/run/open-run.ts';
import type { RequestLimiter } from '../../core/s3/request-limiter.ts';

/** Named files that are looked up together. */
const keysAtOnce = 1_000;

/** A single key to look at. */
type SelectedKey = Selected & { readonly kind: 'key' };

/** What a run looks at, one item ahead. */
export class Ahead {
  readonly #items: AsyncIterator<Selected>;
  #next: Promise<IteratorResult<Selected>> | undefined;

  constructor(items: AsyncIterable<Selected>) {
    this.#items = items[Symbol.asyncIterator]();
  }

  /** The next item, which stays. */
  async peek(): Promise<Selected | undefined> {
    this.#next ??= this.#items.next();
    const { value, done } = await this.#next;
    return done === true ? undefined : value;
  }

  /** Returns the next item and moves on. */
  async take(): Promise<Selected | undefined> {
    const item = await this.peek();
    this.#next = undefined;
    return item;
  }

  /** Ends the reading of lists, of which there may be more. */
  async close(): Promise<void> {
    await this.#items.return?.();
  }

  /** The keys that come next, as many as are looked up together, up to one that is not wanted. */
  async takeKeys(isWanted: (item: SelectedKey) => boolean = () => true): Promise<SelectedKey[]> {
    const keys: SelectedKey[] = [];
    for (let item = await this.peek(); keys.length < keysAtOnce; item = await this.peek()) {
      if (item?.kind !== 'key' || !isWanted(item)) break;
      keys.push(item);
      this.#next = undefined;
    }
    return keys;
  }
}

/**
 * `a/b` selects the object of that name if there is one: only a named file can be missing. With permission to list
 * only below `a/b/`, S3 answers 403 for it, as it does if the object is absent.
 */
export async function* lookUpSelected(
  run: Run,
  keys: readonly SelectedKey[],
  limiter: RequestLimiter,
): AsyncGenerator<readonly Entry[]> {
  const unnamed = new Set(keys.filter(({ named }) => named !== true).map(({ key }) => key));
  for await (const chunk of lookUp(run, keys, limiter)) {
    yield chunk.flatMap((entry) => (unnamed.has(entry.key) ? unnamedEntry(run, entry) : [entry]));
  }
}

/** The destination's object of that name counts as extra only after S3 said that the source does not have it. */
function unnamedEntry(run: Run, entry: Entry): Entry[] {
  if (typeof entry.source === 'object') return [entry];
  const isLacking = entry.source === 'missing' && entry.destination !== undefined && looksForExtra(run);
  return isLacking ? [{ ...entry, source: 'lacking' }] : [];
}

/**
 * The entries below a prefix with those of the keys that lists name there: each of these has an entry, also when it
 * does not exist, and is the version that is named.
 *
 * @param chunks in byte order of their keys
 * @param within items that begin with the named keys below the prefix
 */
export async function* withNamed(
  run: Run,
  limiter: RequestLimiter,
  chunks: AsyncIterable<readonly Entry[]>,
  { items, prefix }: { readonly items: Ahead; readonly prefix: Selected },
): AsyncGenerator<readonly Entry[]> {
  for await (const chunk of chunks) {
    const end = chunk.at(-1)?.key;
    let left = chunk;
    while (end !== undefined) {
      const keys = await items.takeKeys(({ key }) => compareKeys(key, end) <= 0);
      const last = keys.at(-1)?.key;
      if (last === undefined) break;
      const isBehind = ({ key }: Entry) => compareKeys(key, last) > 0;
      yield await replaced(
        run,
        limiter,
        left.filter((entry) => !isBehind(entry)),
        keys,
      );
      left = left.filter(isBehind);
    }
    yield left;
  }
  const takeBehind = () => items.takeKeys((item) => coversItem(prefix, item));
  for (let keys = await takeBehind(); keys.length > 0; keys = await takeBehind()) {
    yield* lookUpSelected(run, keys, limiter);
  }
}

/** Looks up what a listing does not show, or not of the version that is named. */
async function replaced(
  run: Run,
  limiter: RequestLimiter,
  chunk: readonly Entry[],
  keys: readonly SelectedKey[],
): Promise<readonly Entry[]> {
  const listed = new Set(chunk.flatMap(({ key, source }) => (source === 'lacking' ? [] : [key])));
  const wanted = keys.filter(({ key, versionId }) => versionId !== undefined || !listed.has(key));
  const found = new Map<string, Entry>();
  for await (const entries of lookUp(run, wanted, limiter)) {
    for (const entry of entries) found.set(entry.key, entry);
  }
  const others = chunk.filter(({ key }) => !found.has(key));
  return [...others, ...found.values()].sort((a, b) => compareKeys(a.key, b.key));
}
