import { listingDeniedError } from '../access/access-denied.ts';
import { compareKeys } from '../model/bytes.ts';
import type { CopyRecord } from '../model/copy-records.ts';
import type { Listed } from '../model/listed.ts';
import { type Mapping, mapKey, type Selected, unmapKey } from '../model/paths.ts';
import type { Headed } from '../rules/compare.ts';
import type { Destination, Run } from '../run/open-run.ts';
import { hasStatus } from '../s3/failures.ts';
import type { ListedObject } from '../s3/object-store.ts';
import type { RequestLimiter } from '../s3/request-limiter.ts';
import { Listing } from './listing.ts';

/** A source object as a listing shows it, or as HEAD does, which also returns its checksums. */
export type SourceSeen = Listed & Partial<Pick<Headed, 'checksums'>>;

/** A selected key and what both ends have of it. */
export interface Entry {
  /** Source key. */
  readonly key: string;
  /** The version of it that a list names. */
  readonly versionId?: string;
  /** Destination key; the source key when there is no destination. */
  readonly target: string;
  /**
   * `missing`: S3 says that the key does not exist. `denied`: S3 does not say. `delete-marker`: a list names a version
   * that is a delete marker. `lacking`: the listing does not have the key, and the run looks for such keys at the
   * destination; without `destination` the entry only shows how far it has looked.
   */
  readonly source: SourceSeen | 'missing' | 'denied' | 'delete-marker' | 'lacking';
  readonly destination?: Listed;
  /** Of an earlier run, whatever versions it is about. */
  readonly copyRecord?: CopyRecord;
}

const entriesAtOnce = 1_000;

/** The deadline passed in the middle of a chunk. The next invocation continues from here. */
export class OutOfTimeError extends Error {
  override readonly name = 'OutOfTimeError';
}

const targetOf = ({ destination }: Run, key: string): string =>
  destination === undefined ? key : mapKey(destination.mapping, key);

/**
 * Lists the source keys under one prefix in byte order, in chunks, each with what the destination has. It merges two
 * listings, since the mapping keeps their order.
 *
 * @param after only keys after this source key
 * @param isLate whether the deadline has passed; asked where many keys may lie between two others
 * @throws {OutOfTimeError} after the last chunk, if the deadline has passed
 */
export async function* joinPrefix(
  run: Run,
  item: Selected & { kind: 'prefix' },
  after: string | undefined,
  limiter: RequestLimiter,
  isLate: () => boolean,
): AsyncGenerator<readonly Entry[]> {
  const from = after ?? (item.longer === true ? item.prefix : undefined);
  const sources = listSources(run, item.prefix, from, limiter);
  const targets =
    run.destination === undefined ? undefined : listTargets(run, run.destination, item.prefix, from, limiter);
  let chunk: Entry[] = [];
  while (true) {
    if (!sources.isReady) {
      if (chunk.length > 0) yield chunk;
      chunk = [];
      await sources.load();
    }
    const source = sources.current;
    if (source === undefined) break;
    const target = targetOf(run, source.key);
    if (targets !== undefined && !(await targets.seek(target, isLate))) {
      if (chunk.length > 0) yield chunk;
      throw new OutOfTimeError();
    }
    const destination = targets?.current?.key === target ? targets.current : undefined;
    chunk.push({ key: source.key, target, source, ...(destination === undefined ? {} : { destination }) });
    sources.advance();
  }
  if (chunk.length > 0) yield chunk;
}

function listSources(run: Run, prefix: string, after: string | undefined, limiter: RequestLimiter): Listing {
  const { bucket, store } = run.source;
  return new Listing({
    store,
    limiter,
    bucket,
    prefix,
    denied: () => listingDeniedError(run, 'src', { bucket, prefix }),
    ...(after === undefined ? {} : { after }),
  });
}

function listTargets(
  run: Run,
  { lister, bucket, mapping, temp }: Destination,
  sourcePrefix: string,
  after: string | undefined,
  limiter: RequestLimiter,
): Listing {
  const prefix = mapKey(mapping, sourcePrefix);
  return new Listing({
    store: lister,
    limiter,
    bucket,
    prefix,
    denied: () => listingDeniedError(run, 'dest', { bucket, prefix }),
    ...(after === undefined ? {} : { after: mapKey(mapping, after) }),
    ...(temp.bucket === bucket ? { tempPrefix: temp.prefix } : {}),
  });
}

/**
 * Lists the keys under one prefix that either end has, in byte order, in chunks: a merge of two whole listings. Where the
 * destination has only part files, the chunks show how far the listing is.
 *
 * @param after only keys after this source key
 */
export async function* joinBoth(
  run: Run & { readonly destination: Destination },
  item: Selected & { kind: 'prefix' },
  after: string | undefined,
  limiter: RequestLimiter,
): AsyncGenerator<readonly Entry[]> {
  const { mapping } = run.destination;
  const from = after ?? (item.longer === true ? item.prefix : undefined);
  const sources = listSources(run, item.prefix, from, limiter);
  const targets = listTargets(run, run.destination, item.prefix, from, limiter);
  let chunk: Entry[] = [];
  while (true) {
    if (!sources.isReady) {
      yield chunk;
      chunk = [];
      await sources.load();
    }
    const source = sources.current;
    const target = source === undefined ? undefined : mapKey(mapping, source.key);
    if (!targets.isReady && !hasPassed(targets, target)) {
      yield [...chunk, ...progress(targets, mapping)];
      chunk = [];
      await targets.loadPage();
      continue;
    }
    const destination = targets.isReady ? targets.current : undefined;
    if (source === undefined && destination === undefined) break;
    const order = orderOf(target, destination?.key);
    chunk.push(entryOf(mapping, order <= 0 ? source : undefined, order >= 0 ? destination : undefined));
    if (order <= 0) sources.advance();
    if (order >= 0) targets.advance();
  }
  yield chunk;
}

const hasPassed = ({ passed }: Listing, target: string | undefined): boolean =>
  target !== undefined && passed !== undefined && compareKeys(target, passed) <= 0;

/** Of two keys, which comes first; the end of a listing comes last. */
function orderOf(source: string | undefined, destination: string | undefined): number {
  if (source === undefined) return 1;
  return destination === undefined ? -1 : compareKeys(source, destination);
}

function entryOf(
  mapping: Mapping,
  source: ListedObject | undefined,
  destination: ListedObject | undefined,
): Entry {
  const target = destination?.key ?? mapKey(mapping, (source as ListedObject).key);
  const key = source?.key ?? unmapKey(mapping, target);
  return { key, target, source: source ?? 'lacking', ...(destination === undefined ? {} : { destination }) };
}

/** An entry that only shows how far both listings are. */
function progress({ passed }: Listing, mapping: Mapping): Entry[] {
  if (passed === undefined) return [];
  return [{ key: unmapKey(mapping, passed), target: passed, source: 'lacking' }];
}

/** A key to look up, and what version of it. */
export interface Named {
  readonly key: string;
  readonly versionId?: string;
}

/** Named keys, looked up at both ends one by one, which needs no right to list. */
export async function* lookUp(
  run: Run,
  keys: readonly Named[],
  limiter: RequestLimiter,
): AsyncGenerator<readonly Entry[]> {
  for (let start = 0; start < keys.length; start += entriesAtOnce) {
    yield await Promise.all(
      keys.slice(start, start + entriesAtOnce).map((named) => lookUpOne(run, named, limiter)),
    );
  }
}

async function lookUpOne(run: Run, { key, versionId }: Named, limiter: RequestLimiter): Promise<Entry> {
  const target = targetOf(run, key);
  const named = { key, ...(versionId === undefined ? {} : { versionId }) };
  const [source, destination] = await Promise.all([
    lookUpSource(run, named, limiter),
    run.destination === undefined ? undefined : lookUpTarget(run.destination, target, limiter),
  ]);
  return { ...named, target, source, ...(destination === undefined ? {} : { destination }) };
}

/**
 * What S3 does not show, such as an object under a key of the client's own (400), is for the worker to meet.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/DeleteMarker.html (read 2026-11-22): 405 for its version
 */
async function lookUpSource(
  { source }: Run,
  named: Named,
  limiter: RequestLimiter,
): Promise<Entry['source']> {
  try {
    return (await limiter.send(() => source.store.head({ bucket: source.bucket, ...named }))) ?? 'missing';
  } catch (error) {
    if (hasStatus(error, 400, 403)) return 'denied';
    if (named.versionId !== undefined && hasStatus(error, 405)) return 'delete-marker';
    throw error;
  }
}

/** Without the right to list, S3 says 403 for a missing key. The copy then carries the condition that it is absent. */
async function lookUpTarget(
  { lister, bucket }: Destination,
  key: string,
  limiter: RequestLimiter,
): Promise<Listed | undefined> {
  try {
    return await limiter.send(() => lister.head({ bucket, key }));
  } catch (error) {
    if (hasStatus(error, 400, 403)) return undefined;
    throw error;
  }
}
