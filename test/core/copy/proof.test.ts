import { CopyObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PlannedObject } from '../../../core/model/batches.ts';
import { MiB } from '../../../core/model/limits.ts';
import { checksumAlgorithms } from '../../../core/rules/checksums.ts';
import { Bench } from './copy-harness.ts';

let bench: Bench;
const objects = new Map<string, PlannedObject>();

beforeAll(async () => {
  bench = await Bench.start();
  for (const bucket of ['whole', 'composite', 'kms', 'kms-composite']) {
    await bench.bucket(bucket, bucket.startsWith('kms'));
    const algorithm = bucket.endsWith('composite') ? ('SHA256' as const) : undefined;
    objects.set(bucket, await bench.upload(bucket, [6 * MiB, 6 * MiB, 77], algorithm));
  }
});
afterAll(() => bench.stop());

const run = (source: string, request: Record<string, unknown>, isKms = false) =>
  bench.run(source, objects.get(source) as PlannedObject, { fanOutAbove: 0, ...request }, isKms);

describe.each(['staged', 'direct'])('what proves a copy by the %s strategy', (strategy) => {
  it.each([
    { source: 'whole', isKms: false, partSize: '5MiB', proof: 'checksum' },
    { source: 'whole', isKms: true, partSize: '5MiB', proof: 'checksum' },
    { source: 'composite', isKms: false, partSize: '5MiB', proof: 'part-md5s' },
    { source: 'composite', isKms: false, partSize: 'source', proof: 'etag' },
    { source: 'composite', isKms: true, partSize: 'source', proof: 'part-md5s' },
    { source: 'kms', isKms: false, partSize: '5MiB', proof: 'checksum' },
    { source: 'kms', isKms: true, partSize: 'source', proof: 'checksum' },
    { source: 'kms-composite', isKms: false, partSize: 'source', proof: 'part-md5s' },
    { source: 'kms-composite', isKms: true, partSize: '5MiB', proof: 'part-md5s' },
  ])('of $source in parts of $partSize, KMS at the destination: $isKms, is $proof', async (row) => {
    const copying = await run(
      row.source,
      { strategy, partSize: row.partSize, verify: 'required' },
      row.isKms,
    );
    expect(await copying.copy()).toMatchObject({ status: 'copied', proof: row.proof });
    await bench.expectRight(row.source, copying.destination);
  });

  it('is the ETag of the source too when the parts are the same', async () => {
    const copying = await run('whole', { strategy, partSize: 'source' });
    const { etag } = objects.get('whole') as PlannedObject;
    expect(await copying.copy()).toMatchObject({ status: 'copied', proof: 'checksum', etag });
  });
});

describe('part files under a key of KMS', () => {
  it.each(
    [1, 3, 4, 6, 10, 12, 13, 16, 17, 18].flatMap((step) => [
      { step, when: 'before' as const },
      { step, when: 'after' as const },
    ]),
  )(
    'prove themselves by their checksums when write $step is lost $when its effect',
    async ({ step, when }) => {
      const copying = await run('whole', { partSize: '5MiB' }, true);
      await bench.interrupt(copying, step, when);
      const there = new Set((await bench.keys(copying.destination)).filter((key) => /-\d{5}$/.test(key)));
      const { result, writes } = await bench.recorded(copying.copy);
      expect(result).toMatchObject({ status: 'copied', proof: 'checksum' });
      expect(writes.filter(({ key, status }) => status === 200 && there.has(key ?? ''))).toEqual([]);
      await bench.expectRight('whole', copying.destination);
    },
  );
});

describe('parts like those of the source', () => {
  it.each(
    [
      { sizes: [5, 6, 7, 1], heads: 6, why: 'all differ' },
      { sizes: [6, 6, 7], heads: 2, why: 'a larger last part' },
      { sizes: [6, 6, 6], heads: 2, why: 'all alike' },
      { sizes: [6, 5, 7, 6], heads: 2, why: 'the first and the last pretend that all are alike' },
    ].flatMap((row) => ['staged', 'direct'].map((strategy) => ({ ...row, strategy }))),
  )('give the ETag of the source, $strategy: $why', async ({ sizes, strategy, heads }) => {
    const bucket = `parts-${strategy}-${sizes.join('-')}`;
    await bench.bucket(bucket);
    const object = await bench.upload(
      bucket,
      sizes.map((size) => size * MiB),
    );
    const copying = await bench.run(bucket, object, { strategy, partSize: 'source' });
    const recording = bench.store.requests.record();
    let result = await copying.copy();
    const asked = recording.requests.filter(
      (request) => request.operation === 'HeadObject' && request.bucket === bucket,
    );
    recording.stop();
    // What was found out of the parts is for the next invocation.
    if (result === 'later') result = await copying.copy();
    expect(result).toMatchObject({ status: 'copied', proof: 'checksum', etag: object.etag });
    expect(asked.length).toBeGreaterThanOrEqual(heads);
    await bench.expectRight(bucket, copying.destination);
  });
});

describe('a simple object', () => {
  const simple = { partSize: '64MiB' };

  it('of an upload is proved by its size, since nobody has asked for more', async () => {
    expect(await (await run('whole', simple)).copy()).toMatchObject({ status: 'copied', proof: 'size' });
  });

  it.each([false, true])('is asked for its checksum when a proof is required, KMS: %s', async (isKms) => {
    const copying = await run('whole', { ...simple, verify: 'required' }, isKms);
    const { ChecksumCRC64NVME: value } = await bench.s3.send(
      new HeadObjectCommand({ Bucket: 'whole', Key: 'big', ChecksumMode: 'ENABLED' }),
    );
    expect(await copying.copy()).toMatchObject({
      status: 'copied',
      proof: 'checksum',
      checksum: { algorithm: 'CRC64NVME', value },
    });
  });

  it('that nothing can prove is failed by name, and not copied', async () => {
    const copying = await run('composite', { ...simple, verify: 'required' });
    const message = expect.stringContaining('set `partSize: source`');
    expect(await copying.copy()).toMatchObject({
      status: 'failed',
      error: 'UnprovenError',
      passing: false,
      message,
    });
    expect(await bench.keys(copying.destination)).toEqual([]);
  });
});

describe('an object of one request under a key of KMS', () => {
  it.each(checksumAlgorithms)('is proven by its checksum: %s', async (algorithm) => {
    const source = `kms-${algorithm.toLowerCase()}`;
    const big = { Bucket: source, Key: 'big' };
    await bench.bucket(source, true);
    await bench.s3.send(new PutObjectCommand({ ...big, Body: 'all of it', ContentType: 'text/x' }));
    // The SDK computes no checksum of the newer algorithms, but S3 does when it copies.
    const copy = { ...big, CopySource: `${source}/big`, ChecksumAlgorithm: algorithm };
    await bench.s3.send(new CopyObjectCommand(copy));
    objects.set(source, { key: 'big', target: 'big', reason: 'new', ...(await bench.seen(source)) });

    const copying = await run(source, { verify: 'required' }, true);

    const checksum = { algorithm, value: expect.any(String) };
    expect(await copying.copy()).toMatchObject({ status: 'copied', proof: 'checksum', checksum });
    await bench.expectRight(source, copying.destination);
  });
});
