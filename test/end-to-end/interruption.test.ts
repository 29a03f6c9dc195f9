import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { World } from './world.ts';

const steps = [
  'prepare',
  'plan',
  'copy-objects',
  'open-object',
  'make-temp-files',
  'make-part-files',
  'finalize-object',
  'reconcile',
  'delete-objects',
  'report',
];
const faults = ['die-before', 'die-after', 'twice', 'throttle'] as const;

describe('a run whose invocations die, run twice, or live on as zombies', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start();
  });
  afterAll(() => world.stop());

  it.each(faults)('ends right with every first invocation of a function hit by %s', async (kind) => {
    const { source, destination } = await world.buckets();
    for (let n = 0; n < 20; n += 1) await world.put(source, `key-${n}`);
    await world.putParts(source, 'parts', 2);
    await world.putParts(source, 'big', 6);
    world.local.engine.addFaults(
      steps.map((step) => ({ function: `s3copy-${step}`, calls: 1, fault: { kind } })),
    );
    const run = await world.run({ src: `s3://${source}`, dest: `s3://${destination}` });
    expect(run).toMatchObject({ status: 'SUCCEEDED', report: { listed: 22, copied: 22 } });
    expect(await world.content(destination)).toEqual(await world.content(source));
    expect(await world.openUploads(destination)).toEqual([]);
  });

  it('is not mixed up by zombies of every function that go on after their time-out', async () => {
    const { source, destination } = await world.buckets();
    for (let n = 0; n < 20; n += 1) await world.put(source, `key-${n}`);
    await world.putParts(source, 'big', 6);
    const latency = world.store.rules.add({ kind: 'latency', milliseconds: 20, spread: 30 });
    const fault = { kind: 'time-out', afterMillis: 60 } as const;
    world.local.engine.addFaults(steps.map((step) => ({ function: `s3copy-${step}`, calls: 1, fault })));
    const run = await world.run({ src: `s3://${source}`, dest: `s3://${destination}` });
    latency.remove();
    expect(run).toMatchObject({ status: 'SUCCEEDED', report: { listed: 21, copied: 21 } });
    expect(await world.content(destination)).toEqual(await world.content(source));
  });
});

describe('a run whose functions have a few seconds only', () => {
  let world: World;
  beforeAll(async () => {
    const override = { timeoutSeconds: 3, environment: { DEADLINE_MARGIN_MILLIS: '1500' } };
    world = await World.start({ overrides: { '*': override } });
  });
  afterEach(() => world.store.rules.clear());
  afterAll(() => world.stop());

  const entered = (state: string, arn: string): number =>
    world.local.engine.queries
      .history(arn)
      .filter(({ type, details }) => type === 'TaskStateEntered' && details?.includes(`"${state}"`) === true)
      .length;

  it('plans in several calls and decides on every key once', async () => {
    const { source, destination } = await world.buckets();
    const keys = Array.from({ length: 3_000 }, (_, n) => `key-${n}`);
    for (let n = 0; n < keys.length; n += 100) {
      await Promise.all(keys.slice(n, n + 100).map((key) => world.put(source, key, 'x')));
    }
    world.store.rules.add({
      kind: 'latency',
      operation: 'ListObjectsV2',
      bucket: source,
      milliseconds: 1_000,
    });
    const run = await world.run({ src: `s3://${source}`, dest: `s3://${destination}`, dryRun: true });
    expect(run).toMatchObject({ status: 'SUCCEEDED', report: { listed: 3_000, planned: 3_000 } });
    expect(entered('Plan', run.arn)).toBeGreaterThan(1);
  });

  it('copies a batch in several calls, each object once', async () => {
    const { source, destination } = await world.buckets();
    for (let n = 0; n < 60; n += 1) await world.put(source, `key-${n}`);
    world.store.rules.add({
      kind: 'latency',
      operation: 'CopyObject',
      bucket: destination,
      milliseconds: 400,
    });
    const recording = world.store.requests.record();
    const run = await world.run({ src: `s3://${source}`, dest: `s3://${destination}`, concurrency: 4 });
    recording.stop();
    expect(run).toMatchObject({ status: 'SUCCEEDED', report: { copied: 60, passes: 1 } });
    expect(recording.requests.filter(({ operation }) => operation === 'CopyObject')).toHaveLength(60);
    const segments = (await world.keys(world.local.workBucket)).filter((key) =>
      key.startsWith(`runs/${run.name}/results/`),
    );
    expect(segments.length).toBeGreaterThan(1);
  });

  it('copies large objects in several calls, each part once', async () => {
    const { source, destination } = await world.buckets();
    await world.putParts(source, 'parts', 4);
    await world.putParts(source, 'big', 7);
    world.store.rules.add({
      kind: 'latency',
      operation: ['UploadPartCopy'],
      bucket: destination,
      milliseconds: 700,
    });
    const recording = world.store.requests.record();
    const run = await world.run({ src: `s3://${source}`, dest: `s3://${destination}`, concurrency: 1 });
    recording.stop();
    expect(run).toMatchObject({ status: 'SUCCEEDED', report: { copied: 2 } });
    const ranges = recording.requests.filter(({ copySource }) => copySource?.startsWith(`${source}/`));
    expect(ranges).toHaveLength(11);
    expect(await world.content(destination)).toEqual(await world.content(source));
  });
});
