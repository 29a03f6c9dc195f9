import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { forEachConcurrently } from '../../../core/rules/for-each-concurrently.ts';
import { type Ends, Runs } from '../copy-records/runs.ts';

let runs: Runs;
beforeAll(async () => {
  runs = await Runs.start();
});
afterAll(() => runs.stop());
afterEach(() => runs.store.rules.clear());

const numbered = (count: number) =>
  Array.from({ length: count }, (_, index) => `folder-${String(index).padStart(3, '0')}/`);

/** Prepares a run of many prefixes, and counts its listings of both ends. */
async function listingsOf(ends: Ends, prefixes: readonly string[], millis?: number): Promise<number> {
  const recording = runs.store.requests.record();
  await runs.begin({ ...ends.request, prefixes }, millis).finally(() => recording.stop());
  return recording.requests.filter(
    ({ operation, bucket }) =>
      operation === 'ListObjectsV2' && (bucket === ends.source || bucket === ends.destination),
  ).length;
}

describe('what Prepare tries before the plan', () => {
  it('lists 100 prefixes at both ends with all 200 requests under way at once', async () => {
    const ends = await runs.ends();
    let arrived = 0;
    let release: () => void = () => {};
    const all = new Promise<void>((resolve) => {
      release = resolve;
    });
    runs.store.rules.hook({ operation: 'ListObjectsV2' }, async () => {
      arrived += 1;
      if (arrived === 200) release();
      await all;
    });

    expect(await listingsOf(ends, numbered(100))).toBe(200);
  });

  it('leaves the prefixes after the hundredth to the plan', async () => {
    expect(await listingsOf(await runs.ends(), numbered(150))).toBe(200);
  });

  it('begins no listing after its deadline, and leaves them to the plan', async () => {
    expect(await listingsOf(await runs.ends(), numbered(3), 0)).toBe(0);
  });

  it('names the first prefix that is denied, although another one is refused sooner', async () => {
    const ends = await runs.ends();
    runs.store.rules.add({ kind: 'deny', action: 's3:ListBucket', bucket: ends.destination });
    runs.store.rules.add({
      kind: 'deny',
      action: 's3:ListBucket',
      bucket: ends.source,
      unless: { prefix: 'folder-000/' },
    });
    const slow = { operation: 'ListObjectsV2', bucket: ends.destination, milliseconds: 50 };
    runs.store.rules.add({ kind: 'latency', ...slow });

    await expect(listingsOf(ends, numbered(3))).rejects.toMatchObject({
      name: 'PermissionError',
      message: expect.stringMatching(/^dest: s3:ListBucket .*"s3:prefix":"folder-000\/\*"/),
    });
  });
});

describe('maps', () => {
  it('throw the error of the first item that has one, whichever fails first', async () => {
    let failSlow: () => void = () => {};
    const slow = new Promise<void>((_, reject) => {
      failSlow = () => reject(new Error('of the first item'));
    });

    const maps = forEachConcurrently([0, 1], 2, async (item) => {
      if (item === 0) return slow;
      failSlow();
      throw new Error('of the second item');
    });

    await expect(maps).rejects.toThrow('of the first item');
  });
});
