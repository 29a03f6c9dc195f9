import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { World } from './world.ts';

describe('a direct copy in a workflow of its own', () => {
  let world: World;

  beforeAll(async () => {
    world = await World.shared();
  });
  afterAll(() => world.stop());

  it('copies each range of the source once, and has no part files', async () => {
    const { source, destination } = await world.buckets();
    await world.putParts(source, 'big', 4, { ContentType: 'text/x', Tagging: 'a=b' });
    await world.putParts(source, 'middle', 2);
    world.store.requests.reset();
    const ended = await world.run({
      src: `s3://${source}`,
      dest: `s3://${destination}`,
      strategy: 'direct',
      fanOutAbove: '12MiB',
    });
    expect(ended).toMatchObject({ status: 'SUCCEEDED', failures: [], report: { copied: 2 } });
    expect(ended.report?.proofs).toEqual({ checksum: 2, etag: 0, 'part-md5s': 0 });
    expect(world.store.requests.count({ operation: 'UploadPartCopy' })).toBe(4 + 2);
    expect(await world.keys(destination)).toEqual(['big', 'middle']);
    expect(await world.content(destination)).toEqual(await world.content(source));
    expect(await world.properties(destination, 'big')).toEqual(await world.properties(source, 'big'));
  });

  it('fails in sight of all when a group keeps failing, and a redrive copies that group alone', async () => {
    const { source, destination } = await world.buckets();
    await world.putParts(source, 'big', 4);
    const fault = { kind: 'fail', errorType: 'Boom', errorMessage: 'out of order' } as const;
    world.local.engine.addFaults([{ function: 's3copy-copy-parts', payload: { group: 1 }, fault }]);
    const ended = await world.run({
      src: `s3://${source}`,
      dest: `s3://${destination}`,
      strategy: 'direct',
      partSize: 'source',
      fanOutAbove: '12MiB',
    });
    expect(ended).toMatchObject({ status: 'FAILED', error: 'ObjectsFailedError' });
    expect(await world.openUploads(destination)).toEqual(['big']);

    world.store.requests.reset();
    expect(await world.redrive(ended)).toMatchObject({ status: 'SUCCEEDED', report: { copied: 1 } });
    expect(world.store.requests.count({ operation: 'UploadPartCopy' })).toBe(1);
    expect(await world.content(destination)).toEqual(await world.content(source));
    expect(await world.openUploads(destination)).toEqual([]);
  });
});
