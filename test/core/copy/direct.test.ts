import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PlannedObject } from '../../../core/model/batches.ts';
import { MiB } from '../../../core/model/limits.ts';
import { Bench } from './copy-harness.ts';

let bench: Bench;
let whole: PlannedObject;
let composite: PlannedObject;

beforeAll(async () => {
  bench = await Bench.start();
  await bench.bucket('whole');
  await bench.bucket('composite');
  whole = await bench.upload('whole', [6 * MiB, 6 * MiB, 77]);
  composite = await bench.upload('composite', [6 * MiB, 6 * MiB, 77], 'SHA256');
});
afterAll(() => bench.stop());

const direct = { strategy: 'direct', fanOutAbove: 0 };

describe('a direct copy', () => {
  it('moves the bytes once, and is proved by the checksum of the source', async () => {
    const copying = await bench.run('whole', whole, { ...direct, partSize: '5MiB' });
    const { result, writes } = await bench.recorded(copying.copy);
    const { ChecksumCRC64NVME: value } = await bench.s3.send(
      new HeadObjectCommand({ Bucket: 'whole', Key: 'big', ChecksumMode: 'ENABLED' }),
    );
    expect(result).toMatchObject({
      status: 'copied',
      proof: 'checksum',
      checksum: { algorithm: 'CRC64NVME', value },
    });
    expect(
      writes.filter(({ bucket }) => bucket === copying.destination).map(({ operation }) => operation),
    ).toEqual([
      'CreateMultipartUpload',
      'UploadPartCopy',
      'UploadPartCopy',
      'UploadPartCopy',
      'CompleteMultipartUpload',
    ]);
    await bench.expectRight('whole', copying.destination);
  });

  it('has the ETag of its source when the source has no checksum of the whole', async () => {
    const big = await bench
      .bucket('large')
      .then(() => bench.upload('large', [33 * MiB, 33 * MiB, 5], 'SHA256'));
    const copying = await bench.run('large', big, direct);
    expect(await copying.copy()).toMatchObject({ status: 'copied', proof: 'etag', etag: big.etag });
    await bench.expectRight('large', copying.destination);
  });

  const sources = [
    { name: 'whole', proof: 'checksum', partSize: '5MiB', isKms: false },
    { name: 'composite', proof: 'part-md5s', partSize: '5MiB', isKms: false },
    { name: 'composite', proof: 'etag', partSize: 'source', isKms: false },
    { name: 'whole', proof: 'checksum', partSize: '5MiB', isKms: true },
    { name: 'composite', proof: 'part-md5s', partSize: '5MiB', isKms: true },
  ] as const;

  it.each(
    sources.flatMap((source) =>
      [0, 1, 3, 4].flatMap((step) => [
        { ...source, step, when: 'before' as const },
        { ...source, step, when: 'after' as const },
      ]),
    ),
  )(
    'of a source with a $name checksum, in parts of $partSize, KMS: $isKms, goes on when write $step is lost $when its effect',
    async ({ name, proof, partSize, isKms, step, when }) => {
      const copying = await bench.run(
        name,
        name === 'whole' ? whole : composite,
        { ...direct, partSize },
        isKms,
      );
      await bench.interrupt(copying, step, when);
      const isPublished = (await bench.keys(copying.destination)).length > 0;
      const { result, writes } = await bench.recorded(copying.copy);
      expect(result).toMatchObject({ status: 'copied', proof });
      await bench.expectRight(name, copying.destination);
      const copied = writes.filter(({ operation }) => operation === 'UploadPartCopy').length;
      const before = Math.max(0, when === 'after' ? step : step - 1);
      expect(copied).toBe(step === 4 && isPublished ? 0 : Math.max(0, 3 - before));
    },
  );

  it('copies a part of a wrong size again', async () => {
    const copying = await bench.run('whole', whole, { ...direct, partSize: '5MiB' });
    await bench.interrupt(copying, 2, 'after');
    const [UploadId] = await bench.openUploads(copying.destination);
    const at = { Bucket: copying.destination, Key: 'big', UploadId };
    await bench.s3.send(new UploadPartCommand({ ...at, PartNumber: 1, Body: 'short' }));
    const { result, writes } = await bench.recorded(copying.copy);
    expect(result).toMatchObject({ status: 'copied', proof: 'checksum' });
    expect(writes.filter(({ operation }) => operation === 'UploadPartCopy')).toHaveLength(2);
    await bench.expectRight('whole', copying.destination);
  });

  it.each([false, true])(
    'is refused by S3 when its bytes are wrong, KMS: %s, and publishes nothing',
    async (isKms) => {
      const copying = await bench.run('whole', whole, { ...direct, partSize: '5MiB' }, isKms);
      await bench.interrupt(copying, 2, 'after');
      const [UploadId] = await bench.openUploads(copying.destination);
      const at = { Bucket: copying.destination, Key: 'big', UploadId };
      await bench.s3.send(
        new UploadPartCommand({ ...at, PartNumber: 1, Body: Buffer.alloc(5 * MiB, 'wrong') }),
      );
      expect(await copying.copy()).toMatchObject({ status: 'failed', error: 'BadDigest', passing: false });
      expect(await bench.keys(copying.destination)).toEqual([]);
      expect(await bench.openUploads(copying.destination)).toEqual([]);
      expect(await copying.copy()).toMatchObject({ status: 'copied', proof: 'checksum' });
      await bench.expectRight('whole', copying.destination);
    },
  );

  it('is refused also when S3 says so inside an answer of 200', async () => {
    const copying = await bench.run('whole', whole, { ...direct, partSize: '5MiB' });
    const rule = bench.store.rules.add({
      kind: 'fail',
      operation: 'CompleteMultipartUpload',
      bucket: copying.destination,
      code: 'BadDigest',
      inside: true,
    });
    expect(await copying.copy()).toMatchObject({ status: 'failed', error: 'BadDigest', passing: false });
    rule.remove();
    expect(await bench.openUploads(copying.destination)).toEqual([]);
  });

  it('opens another upload when somebody has ended its own', async () => {
    const copying = await bench.run('whole', whole, { ...direct, partSize: '5MiB' });
    await bench.interrupt(copying, 2, 'after');
    const [UploadId] = await bench.openUploads(copying.destination);
    const at = { Bucket: copying.destination, Key: 'big', UploadId };
    await bench.s3.send(new AbortMultipartUploadCommand(at));
    expect(await copying.copy()).toMatchObject({ status: 'copied' });
    await bench.expectRight('whole', copying.destination);
  });
});

describe('a source that is not what the plan saw', () => {
  const change = async (name: string, work: (bucket: string) => Promise<unknown>) => {
    await bench.bucket(name);
    const object = await bench.upload(name, [6 * MiB, 77]);
    const copying = await bench.run(name, object, { ...direct, partSize: '5MiB' });
    let isDone = false;
    const hook = bench.store.rules.hook(
      { operation: 'UploadPartCopy', bucket: copying.destination, skip: 1 },
      async () => {
        if (isDone) return;
        isDone = true;
        await work(name);
      },
    );
    const result = await copying.copy();
    hook.remove();
    return { result, copying };
  };

  it('is copied as it is now, never in pieces of both', async () => {
    const { result, copying } = await change('changing', (bucket) => bench.upload(bucket, [7 * MiB, 5]));
    expect(result).toMatchObject({ status: 'copied' });
    await bench.expectRight('changing', copying.destination);
  });

  it('is vanished when it is gone', async () => {
    const { result, copying } = await change('vanishing', (Bucket) =>
      bench.s3.send(new DeleteObjectCommand({ Bucket, Key: 'big' })),
    );
    expect(result).toMatchObject({ status: 'vanished' });
    expect(await bench.keys(copying.destination)).toEqual([]);
    expect(await bench.openUploads(copying.destination)).toEqual([]);
  });
});

describe('a destination that somebody else writes', () => {
  it('is not overwritten: the copy is looked at again, and made once more', async () => {
    const copying = await bench.run('whole', whole, { ...direct, partSize: '5MiB', overwrite: 'never' });
    const at = { Bucket: copying.destination, Key: 'big' };
    await bench.s3.send(new PutObjectCommand({ ...at, Body: 'of somebody else' }));
    expect(await copying.copy()).toMatchObject({ status: 'conflict' });
    expect(await bench.openUploads(copying.destination)).toEqual([]);
  });
});
