import { type Entry, lookUp } from '../../core/diff/entries.ts';
import { compareKeys } from '../../core/model/bytes.ts';
import { covers, type Selected } from '../../core/model/paths.ts';
import { looksForExtra, type Run } from '../../core/run/open-run.ts';
import type { Requests } from '../../core/s3/request-limiter.ts';

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

  /** The next item, and goes on behind it. */
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
 * `a/b` selects the object of that name if there is one: only a named file can be missing. Who may list only what is
 * below `a/b/` is told 403 of it, which cannot be told from its absence.
 */
export async function* lookUpSelected(
  run: Run,
  keys: readonly SelectedKey[],
  requests: Requests,
): AsyncGenerator<readonly Entry[]> {
  const unnamed = new Set(keys.filter(({ named }) => named !== true).map(({ key }) => key));
  for await (const batch of lookUp(run, keys, requests)) {
    yield batch.flatMap((entry) => (unnamed.has(entry.key) ? unnamedEntry(run, entry) : [entry]));
  }
}

/** S3 must have said that there is none before the destination's object of that name counts as lacking. */
function unnamedEntry(run: Run, entry: Entry): Entry[] {
  if (typeof entry.source === 'object') return [entry];
  const isLacking = entry.source === 'missing' && entry.destination !== undefined && looksForExtra(run);
  return isLacking ? [{ ...entry, source: 'lacking' }] : [];
}

/**
 * The entries below a prefix with those of the keys that lists name there: each of these has an entry, also when it
 * does not exist, and is the version that is named.
 *
 * @param batches in byte order of their keys
 * @param within items that begin with the named keys below the prefix
 */
export async function* withNamed(
  run: Run,
  requests: Requests,
  batches: AsyncIterable<readonly Entry[]>,
  { items, prefix }: { readonly items: Ahead; readonly prefix: Selected },
): AsyncGenerator<readonly Entry[]> {
  for await (const batch of batches) {
    const end = batch.at(-1)?.key;
    let left = batch;
    while (end !== undefined) {
      const keys = await items.takeKeys(({ key }) => compareKeys(key, end) <= 0);
      const last = keys.at(-1)?.key;
      if (last === undefined) break;
      const isBehind = ({ key }: Entry) => compareKeys(key, last) > 0;
      yield await replaced(
        run,
        requests,
        left.filter((entry) => !isBehind(entry)),
        keys,
      );
      left = left.filter(isBehind);
    }
    yield left;
  }
  const takeBehind = () => items.takeKeys((item) => covers(prefix, item));
  for (let keys = await takeBehind(); keys.length > 0; keys = await takeBehind()) {
    yield* lookUpSelected(run, keys, requests);
  }
}

/** Looks up what a listing does not show, or not of the version that is named. */
async function replaced(
  run: Run,
  requests: Requests,
  batch: readonly Entry[],
  keys: readonly SelectedKey[],
): Promise<readonly Entry[]> {
  const listed = new Set(batch.flatMap(({ key, source }) => (source === 'lacking' ? [] : [key])));
  const wanted = keys.filter(({ key, versionId }) => versionId !== undefined || !listed.has(key));
  const found = new Map<string, Entry>();
  for await (const entries of lookUp(run, wanted, requests)) {
    for (const entry of entries) found.set(entry.key, entry);
  }
  const others = batch.filter(({ key }) => !found.has(key));
  return [...others, ...found.values()].sort((a, b) => compareKeys(a.key, b.key));
}
