import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { World } from './world.ts';

const writes = /^(?:PutObject|CopyObject|CreateMultipartUpload|UploadPartCopy|CompleteMultipartUpload)$/;

describe('the price of a plan', () => {
  let world: World;

  beforeAll(async () => {
    world = await World.shared();
  });
  afterAll(() => world.stop());

  it.each([
    { how: { strategy: 'staged' }, kept: 2 },
    { how: { strategy: 'staged', keepParts: false }, kept: 0 },
    { how: { strategy: 'direct' }, kept: 0 },
  ])('is of the requests and part files that the copy then makes: $how', async ({ how, kept }) => {
    const { source, destination } = await world.buckets();
    await world.putParts(source, 'big', 4);
    await world.putParts(source, 'middle', 2);
    for (const key of ['a', 'b', 'c']) await world.put(source, key);
    const request = {
      src: `s3://${source}`,
      dest: `s3://${destination}`,
      partSize: '5MiB',
      fanOutAbove: '12MiB',
      ...how,
    };
    const { report: planned } = await world.run({ ...request, dryRun: true });
    expect(planned?.estimate.writes).toBeGreaterThan(3);
    expect(planned?.notes.join('\n')).toContain(`${planned?.estimate.writes} requests that write cost`);

    const recording = world.store.requests.record();
    const { report } = await world.run(request);
    recording.stop();
    // That a target is published, before its part files are removed, is written into the folder of the run.
    const published = /\/published\//;
    const made = recording.requests.filter(
      ({ bucket, key = '', operation }) =>
        writes.test(operation) && (bucket === destination || published.test(key)),
    );
    expect(made).toHaveLength(planned?.estimate.writes as number);
    expect(report?.estimate).toEqual(planned?.estimate);
    const bytes = await bytesOf(world, source, /^(?:big|middle)$/);
    expect(report?.estimate.keptBytes).toBe(kept * bytes);
    expect(report?.notes.some((note) => note.includes('staging keeps up to'))).toBe(kept > 0);
    expect(await bytesOf(world, destination, /\/parts\//)).toBe(kept * bytes);
  });
});

async function bytesOf({ s3 }: World, Bucket: string, keys: RegExp): Promise<number> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
  const found = Contents.filter(({ Key = '' }) => keys.test(Key));
  return found.reduce((sum, { Size = 0 }) => sum + Size, 0);
}
