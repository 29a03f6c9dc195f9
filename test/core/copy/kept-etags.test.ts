import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PlannedObject } from '../../../core/model/batches.ts';
import { MiB } from '../../../core/model/limits.ts';
import { Bench } from './copy-harness.ts';

/** S3 makes the ETag of each CopyObject the MD5 of the bytes. SeaweedFS and ministack keep the one of an upload. */
describe('on a server whose copies of uploads keep their ETags', () => {
  let bench: Bench;
  const objects = new Map<string, PlannedObject>();

  beforeAll(async () => {
    bench = await Bench.start();
    for (const bucket of ['whole', 'composite']) {
      await bench.bucket(bucket);
      const algorithm = bucket === 'composite' ? ('SHA256' as const) : undefined;
      objects.set(bucket, await bench.upload(bucket, [6 * MiB, 6 * MiB, 77], algorithm));
    }
    await bench.bucket('one');
    objects.set('one', await bench.upload('one', [6 * MiB], 'SHA256'));
  });
  beforeEach(() => {
    bench.store.rules.add({ kind: 'keep-etag' });
  });
  afterEach(() => bench.store.rules.clear());
  afterAll(() => bench.stop());

  /** Makes an answer tell an ETag that belongs to no bytes of the test. */
  const wrongEtag = {
    kind: 'alter',
    pattern: '<ETag>.*?</ETag>',
    with: `<ETag>"${'0'.repeat(32)}"</ETag>`,
  } as const;

  const run = (source: string, request: Record<string, unknown> = {}, isKms = false) =>
    bench.run(source, objects.get(source) as PlannedObject, { partSize: '5MiB', ...request }, isKms);

  it.each([
    { source: 'whole', request: {}, isKms: false, proof: 'checksum' },
    { source: 'whole', request: { keepParts: false }, isKms: false, proof: 'checksum' },
    { source: 'whole', request: {}, isKms: true, proof: 'checksum' },
    { source: 'composite', request: {}, isKms: false, proof: 'part-md5s' },
    { source: 'composite', request: { partSize: 'source' }, isKms: false, proof: 'etag' },
    { source: 'composite', request: {}, isKms: true, proof: 'part-md5s' },
  ])('a staged copy of $source with $request is proven, KMS: $isKms', async (row) => {
    const copying = await run(row.source, { verify: 'required', ...row.request }, row.isKms);
    expect(await copying.copy()).toMatchObject({ status: 'copied', proof: row.proof });
    await bench.expectRight(row.source, copying.destination);
  });

  it.each([4, 10, 13, 17, 19])(
    'a staged copy goes on with its part files when write %i is lost',
    async (step) => {
      const copying = await run('composite', { verify: 'required' });
      await bench.interrupt(copying, step, 'after');
      const there = new Set((await bench.keys(copying.destination)).filter((key) => /-\d{5}$/.test(key)));
      const { result, writes } = await bench.recorded(copying.copy);
      expect(result).toMatchObject({ status: 'copied', proof: 'part-md5s' });
      expect(writes.filter(({ key, status }) => status === 200 && there.has(key ?? ''))).toEqual([]);
      await bench.expectRight('composite', copying.destination);
    },
  );

  it('a part file of another ETag is no proof, and the error says what to try', async () => {
    const copying = await run('composite');
    const { destination: bucket } = copying;
    bench.store.rules.clear();
    bench.store.rules.add({ ...wrongEtag, operation: 'CopyObject', bucket, key: '*part-00001' });
    expect(await copying.copy()).toMatchObject({
      status: 'failed',
      error: 'ProofError',
      message: expect.stringContaining('start a new run with `strategy: direct`'),
    });
  });

  it('a part of the target is held to the ETag that its part file kept', async () => {
    const copying = await run('composite');
    const { destination: bucket } = copying;
    const copySource = '*part-00001';
    bench.store.rules.add({ ...wrongEtag, operation: 'UploadPartCopy', bucket, copySource });
    expect(await copying.copy()).toMatchObject({
      status: 'failed',
      error: 'ProofError',
      message: expect.stringContaining('start a new run with the other `strategy`'),
    });
  });

  it('the copy of a one-part upload by one request is proven by the ETag that it keeps', async () => {
    const copying = await run('one', { partSize: '64MiB', verify: 'required' });
    expect(await copying.copy()).toMatchObject({ status: 'copied', proof: 'etag' });
  });

  it('the copy of an object that is no upload has the MD5 of its bytes', async () => {
    await bench.bucket('plain');
    await bench.s3.send(new PutObjectCommand({ Bucket: 'plain', Key: 'big', Body: 'x' }));
    objects.set('plain', { key: 'big', target: 'big', reason: 'new', ...(await bench.seen('plain')) });
    const copying = await run('plain');
    expect(await copying.copy()).toMatchObject({ status: 'copied', etag: objects.get('plain')?.etag });
  });
});
