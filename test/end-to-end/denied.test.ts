import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { World } from './world.ts';

describe('a run whose copies are all denied', () => {
  let world: World;
  let source: string;
  beforeAll(async () => {
    world = await World.shared();
    source = await fill();
  });
  afterEach(() => world.store.rules.clear());
  afterAll(() => world.stop());

  /** More objects than four batches hold, in two folders. */
  async function fill(): Promise<string> {
    const { source: bucket } = await world.buckets();
    const keys = Array.from({ length: 1_200 }, (_, n) => `${n < 600 ? 'a' : 'b'}/${n}`);
    for (let n = 0; n < keys.length; n += 50)
      await Promise.all(keys.slice(n, n + 50).map((key) => world.put(bucket, key, key)));
    return bucket;
  }

  /** A destination that has nothing yet, and the request that copies to it. */
  async function start() {
    const { destination } = await world.buckets();
    return {
      destination,
      request: { src: `s3://${source}`, dest: `s3://${destination}`, concurrency: 10 },
    };
  }

  it('stops after the first objects of its batches, says once what to add, and leaves the rest to the redrive', async () => {
    const { destination, request } = await start();
    const denial = world.store.rules.add({ kind: 'deny', action: 's3:PutObject', bucket: destination });
    const recording = world.store.requests.record();

    const ended = await world.run(request);

    recording.stop();
    const tried = recording.requests.filter(
      ({ operation, bucket }) => operation === 'CopyObject' && bucket === destination,
    ).length;
    expect(tried).toBeGreaterThanOrEqual(30);
    // Two of the five batches may be over before a third begins.
    expect(tried).toBeLessThan(700);
    expect(ended).toMatchObject({ status: 'FAILED', error: 'ObjectsFailedError' });
    expect(ended.report).toMatchObject({ planned: 1_200, copied: 0, failed: 1_200, passes: 1 });
    const groups = ended.report?.failures.map(({ reason, objects }) => [reason, objects]);
    expect(groups).toEqual([
      ['NotTried', 1_200 - tried],
      ['AccessDenied', tried],
    ]);
    const told = new RegExp(
      `stopped early, and left ${(1_200 - tried).toLocaleString('en-US')} objects untried: .*CopyObject of .*` +
        's3:PutObject on .* is denied: allow it.*; add the statement WriteDestination that .* prints, then redrive',
    );
    expect(ended.cause).toMatch(told);
    expect(ended.report?.notes).toContainEqual(expect.stringMatching(told));

    denial.remove();
    expect(await world.redrive(ended)).toMatchObject({ status: 'SUCCEEDED', report: { copied: 1_200 } });
    expect(await world.content(destination)).toEqual(await world.content(source));
  });

  it('goes on as long as something is copied, however much of it is denied', async () => {
    const { destination, request } = await start();
    world.store.rules.add({ kind: 'deny', action: 's3:PutObject', bucket: destination, key: 'a/*' });

    const { report } = await world.run({ ...request, concurrency: 50 });

    expect(report).toMatchObject({ copied: 600, failed: 600 });
    expect(report?.failures.map(({ reason, objects }) => [reason, objects])).toEqual([['AccessDenied', 600]]);
  });

  it('waits for copies that are slower than the denials before it gives up the rest', async () => {
    const { destination, request } = await start();
    world.store.rules.add({ kind: 'latency', operation: 'CopyObject', key: 'b/*', milliseconds: 1_000 });
    world.store.rules.add({ kind: 'deny', action: 's3:PutObject', bucket: destination, key: 'a/*' });

    const { report } = await world.run({ ...request, concurrency: 50 });

    expect(report).toMatchObject({ copied: 600, failed: 600 });
  });
});
