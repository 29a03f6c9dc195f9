import type { Listed } from '../core/compare.ts';
import { mapKey, type Selected } from '../core/paths.ts';
import { hasStatus } from '../s3/failures.ts';
import type { Requests } from '../s3/requests.ts';
import type { Destination, Run } from '../shared/run.ts';
import { Listing } from './listing.ts';

/** A selected key and what both ends have of it. */
export interface Entry {
  /** Source key. */
  readonly key: string;
  /** Destination key; the source key when there is no destination. */
  readonly target: string;
  /** `missing`: S3 says that there is none. `denied`: S3 does not say. */
  readonly source: Listed | 'missing' | 'denied';
  readonly destination?: Listed;
}

const entriesAtOnce = 1_000;

/** The deadline came amid a batch: what is behind it is for the next invocation. */
export class OutOfTime extends Error {
  override readonly name = 'OutOfTime';
}

const targetOf = ({ destination }: Run, key: string): string =>
  destination === undefined ? key : mapKey(destination.mapping, key);

/**
 * The keys under one prefix in byte order, in batches, each with what the destination has: a merge of two
 * listings, since the mapping keeps their order.
 *
 * @param after source key to begin behind
 * @param isLate asked where much may lie between two keys
 * @throws {OutOfTime} when it says so, behind a last batch
 */
export async function* joinPrefix(
  run: Run,
  item: Selected & { kind: 'prefix' },
  after: string | undefined,
  requests: Requests,
  isLate: () => boolean,
): AsyncGenerator<readonly Entry[]> {
  const from = after ?? (item.longer === true ? item.prefix : undefined);
  const position = from === undefined ? {} : { after: from };
  const sources = new Listing({ ...run.source, prefix: item.prefix, requests, ...position });
  const targets =
    run.destination === undefined ? undefined : listTargets(run.destination, item.prefix, from, requests);
  let batch: Entry[] = [];
  while (true) {
    if (!sources.isReady) {
      if (batch.length > 0) yield batch;
      batch = [];
      await sources.load();
    }
    const source = sources.current;
    if (source === undefined) break;
    const target = targetOf(run, source.key);
    if (targets !== undefined && !(await targets.seek(target, isLate))) {
      if (batch.length > 0) yield batch;
      throw new OutOfTime();
    }
    const destination = targets?.current?.key === target ? targets.current : undefined;
    batch.push({ key: source.key, target, source, ...(destination === undefined ? {} : { destination }) });
    sources.advance();
  }
  if (batch.length > 0) yield batch;
}

function listTargets(
  { store, bucket, mapping, temp }: Destination,
  prefix: string,
  after: string | undefined,
  requests: Requests,
): Listing {
  return new Listing({
    store,
    requests,
    bucket,
    prefix: mapKey(mapping, prefix),
    ...(after === undefined ? {} : { after: mapKey(mapping, after) }),
    ...(temp.bucket === bucket ? { tempPrefix: temp.prefix } : {}),
  });
}

/** Named keys, looked up at both ends one by one, which needs no right to list. */
export async function* lookUp(
  run: Run,
  keys: readonly string[],
  requests: Requests,
): AsyncGenerator<readonly Entry[]> {
  for (let start = 0; start < keys.length; start += entriesAtOnce) {
    yield await Promise.all(
      keys.slice(start, start + entriesAtOnce).map((key) => lookUpOne(run, key, requests)),
    );
  }
}

async function lookUpOne(run: Run, key: string, requests: Requests): Promise<Entry> {
  const target = targetOf(run, key);
  const [source, destination] = await Promise.all([
    lookUpSource(run, key, requests),
    run.destination === undefined ? undefined : lookUpTarget(run.destination, target, requests),
  ]);
  return { key, target, source, ...(destination === undefined ? {} : { destination }) };
}

async function lookUpSource({ source }: Run, key: string, requests: Requests): Promise<Entry['source']> {
  try {
    return (await requests.send(() => source.store.head({ bucket: source.bucket, key }))) ?? 'missing';
  } catch (error) {
    if (hasStatus(error, 403)) return 'denied';
    throw error;
  }
}

/** Without the right to list, S3 says 403 for a missing key. The copy then carries the condition that it is absent. */
async function lookUpTarget(
  { store, bucket }: Destination,
  key: string,
  requests: Requests,
): Promise<Listed | undefined> {
  try {
    return await requests.send(() => store.head({ bucket, key }));
  } catch (error) {
    if (hasStatus(error, 403)) return undefined;
    throw error;
  }
}
