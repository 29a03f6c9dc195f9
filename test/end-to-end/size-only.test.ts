import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MiB } from '../../core/model/limits.ts';
import { uploadInParts } from '../support/uploads.ts';
import { World } from './world.ts';

describe('an object of which only the size was compared', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.shared();
  });
  afterAll(() => world.stop());

  /** Uploads in parts whose checksums tell nothing of the whole, as older clients did. */
  async function putWithoutWholeChecksum(Bucket: string, Key: string): Promise<void> {
    const bodies = [5 * MiB, 1].map((size, index) => Buffer.alloc(size, index));
    await uploadInParts(world.s3, { Bucket, Key, ChecksumAlgorithm: 'SHA256' }, bodies);
  }

  it('is not counted as proven, and the note says how to get a proof, which then works', async () => {
    const { source, destination } = await world.buckets();
    await putWithoutWholeChecksum(source, 'in-parts');
    await world.put(source, 'plain');
    const request = { src: `s3://${source}`, dest: `s3://${destination}`, partSize: '64MiB' };

    const first = await world.run(request);

    expect(first.report).toMatchObject({
      copied: 2,
      proofs: { checksum: 0, etag: 1, 'part-md5s': 0 },
      sizeOnly: 1,
    });
    expect(first.report?.proofs).not.toHaveProperty('size');
    expect(first.report?.notes).toEqual([
      expect.stringMatching(/^1 copy was compared by its size only.*verify: required.*partSize: source/),
    ]);
    const proven = await world.run({
      ...request,
      compare: 'always',
      partSize: 'source',
      verify: 'required',
    });
    expect(proven).toMatchObject({ status: 'SUCCEEDED', report: { copied: 2, sizeOnly: 0 } });
    expect(proven.report?.notes.join()).not.toContain('size only');
  });
});
