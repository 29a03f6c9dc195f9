import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { World } from './world.ts';

describe('compareOnly', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.shared();
  });
  afterAll(() => world.stop());

  const writes = /^(Copy|Put|Delete|Create|Complete|UploadPart)/;

  it('writes down how each key compares, in symbols, and copies and deletes nothing', async () => {
    const { source, destination } = await world.buckets();
    for (const key of ['dir/changed', 'dir/new', 'dir/same', 'dir/x.log', 'dir/line\nfeed']) {
      await world.put(source, key);
    }
    await world.put(source, 'dir/cold', 'cold', { StorageClass: 'GLACIER' });
    for (const key of ['dir/gone', 'dir/gone.log', 'other']) await world.put(destination, key);
    await world.put(destination, 'dir/same', 'body of dir/same');
    await world.put(destination, 'dir/changed', 'before');
    const recording = world.store.requests.record();
    const run = await world.run({
      src: `s3://${source}/dir`,
      dest: `s3://${destination}`,
      exclude: ['*.log'],
      archived: 'skip',
      overwrite: 'never',
      delete: true,
      compareOnly: true,
    });
    recording.stop();
    expect(run).toMatchObject({
      status: 'SUCCEEDED',
      report: { outcome: 'compared', same: 1, planned: 4, extra: 1, filtered: 1, copied: 0, deleted: 0 },
    });
    const path = `runs/${run.name}/report/differences.txt`;
    expect(await world.text(world.local.workBucket, path)).toBe(
      ['* changed', '+ cold', '- gone', '+ "line\\nfeed"', '+ new', '= same', ''].join('\n'),
    );
    expect(run.report?.files.differences).toBe(`s3://${world.local.workBucket}/${path}`);
    const ours = recording.requests.filter(({ bucket }) => bucket !== world.local.workBucket);
    expect(ours.filter(({ operation }) => writes.test(operation ?? ''))).toEqual([]);
  });

  it('has an empty list for two empty ends', async () => {
    const { source, destination } = await world.buckets();
    const run = await world.run({ src: `s3://${source}`, dest: `s3://${destination}`, compareOnly: true });
    expect(run).toMatchObject({ status: 'SUCCEEDED', report: { outcome: 'compared', listed: 0 } });
    expect(await world.text(world.local.workBucket, `runs/${run.name}/report/differences.txt`)).toBe('');
  });

  it('needs a destination', async () => {
    const { source } = await world.buckets();
    const run = await world.run({ src: `s3://${source}`, compareOnly: true });
    expect(run).toMatchObject({ status: 'FAILED', error: 'InvalidRequestError' });
    expect(run.cause).toContain('compareOnly: true needs dest');
  });
});
