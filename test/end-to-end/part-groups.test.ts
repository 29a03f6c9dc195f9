import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { World } from './world.ts';

describe('a group of parts whose function keeps failing', () => {
  let world: World;

  beforeAll(async () => {
    world = await World.shared();
  });
  afterAll(() => world.stop());

  it('fails its object in sight of all, after every other group, and a redrive copies that group alone', async () => {
    const { source, destination } = await world.buckets();
    await world.putParts(source, 'big', 4);
    const fault = { kind: 'fail', errorType: 'Boom', errorMessage: 'out of order' } as const;
    world.local.engine.addFaults([{ function: 's3copy-make-temp-files', payload: { group: 1 }, fault }]);
    const { queries } = world.local.engine;

    const ended = await world.run({
      src: `s3://${source}`,
      dest: `s3://${destination}`,
      fanOutAbove: '8MiB',
    });
    const [mapRun] = queries.mapRuns(ended.arn, 1, 0);
    const [child] = queries.executions({ mapRunArn: mapRun?.arn ?? '' }, 1, 0);
    const parts = (await world.keys(destination)).filter((key) => key.includes('/part-'));

    expect(ended).toMatchObject({ status: 'FAILED', error: 'ObjectsFailedError' });
    expect(child).toMatchObject({ status: 'FAILED', error: 'StorageError' });
    expect(parts.map((key) => key.slice(-10))).toEqual(['part-00001', 'part-00003', 'part-00004']);

    world.store.requests.reset();
    const redriven = await world.redrive(ended);
    expect(redriven).toMatchObject({ status: 'SUCCEEDED' });
    expect(await world.content(destination)).toEqual(await world.content(source));
    // One range of the source for the missing group, and the four part files put together.
    expect(world.store.requests.count({ operation: 'UploadPartCopy' })).toBe(1 + 4);
  });
});
