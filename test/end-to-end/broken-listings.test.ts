import type { Rule } from 'sandbox-s3/rule';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { World, withoutWaits } from './world.ts';

const operation = 'ListObjectsV2';
const forEver = { operation, times: Number.POSITIVE_INFINITY } as const;

/** What becomes of a page, and of all that are asked for behind it. */
const breaks: Readonly<Record<string, readonly Rule[]>> = {
  'is answered by 500': [{ kind: 'fail', code: 'InternalError', ...forEver }],
  'breaks off': [{ kind: 'truncate', ...forEver }],
  'says that there is more, and not where': [
    { kind: 'alter', pattern: '<NextContinuationToken>.*?</NextContinuationToken>', with: '', ...forEver },
    { kind: 'alter', pattern: '<IsTruncated>false', with: '<IsTruncated>true', ...forEver },
  ],
  'says neither that it is the last nor where there is more': [
    { kind: 'alter', pattern: '<NextContinuationToken>.*?</NextContinuationToken>', with: '', ...forEver },
    { kind: 'alter', pattern: '<IsTruncated>.*?</IsTruncated>', with: '', ...forEver },
  ],
};

const entries = 10;
const keys = Array.from({ length: 2 * entries + 5 }, (_, n) => `key-${String(n).padStart(2, '0')}`);

const all = Object.keys(breaks).flatMap((how) =>
  (['source', 'destination'] as const).flatMap((end) => [1, 2, 3].map((page) => ({ how, end, page }))),
);

describe('a run with delete', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start({ overrides: withoutWaits });
  });
  afterAll(() => world.stop());

  it.each(all)('deletes nothing when page $page of the $end $how', async ({ how, end, page }) => {
    const ends = await world.buckets();
    const { source, destination } = ends;
    for (const key of keys) await world.put(source, key, key);
    for (const key of [...keys, 'extra']) await world.put(destination, key, key);
    for (const bucket of [source, destination]) {
      world.store.rules.add({ kind: 'short-page', operation, bucket, entries });
    }
    // The first listing of each end is the probe of Prepare.
    for (const rule of breaks[how] ?? [])
      world.store.rules.add({ ...rule, bucket: ends[end], skip: page } as Rule);
    const request = { src: `s3://${source}`, dest: `s3://${destination}`, delete: true };
    const run = await world.run({ ...request, maxDelete: { count: 99, percent: 100 } });
    expect(run).toMatchObject({ status: 'FAILED', error: 'StorageError' });
    const { DeleteObjects = 0, DeleteObject = 0, CopyObject = 0 } = world.store.requests.counts(destination);
    expect({ DeleteObjects, DeleteObject, CopyObject }).toEqual({
      DeleteObjects: 0,
      DeleteObject: 0,
      CopyObject: 0,
    });
  });
});
