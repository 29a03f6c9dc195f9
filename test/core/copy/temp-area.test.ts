import {
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
} from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { putEverything } from './source-with-everything.ts';
import { Place } from './store-harness.ts';

let place: Place;
let count = 0;

beforeAll(async () => {
  place = await Place.open();
  await place.bucket('source', { ObjectOwnership: 'ObjectWriter', ObjectLockEnabledForBucket: true });
  await putEverything(place.s3, 'source', 'big', { parts: 2 });
});
afterEach(() => place.store.rules.clear());
afterAll(() => place.close());

async function buckets(): Promise<{ destination: string; parts: string }> {
  count += 1;
  const names = { destination: `destination-${count}`, parts: `parts-${count}` };
  for (const Bucket of Object.values(names)) {
    await place.bucket(Bucket);
    const VersioningConfiguration = { Status: 'Enabled' } as const;
    await place.s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
  }
  return names;
}

async function keysOf(Bucket: string): Promise<string[]> {
  const { Contents = [] } = await place.s3.send(new ListObjectsV2Command({ Bucket }));
  return Contents.map(({ Key = '' }) => Key);
}

/** All versions and delete markers. */
async function versionsIn(Bucket: string) {
  const { Versions = [], DeleteMarkers = [] } = await place.s3.send(
    new ListObjectVersionsCommand({ Bucket }),
  );
  return [...Versions, ...DeleteMarkers].map(({ Key = '', VersionId = '' }) => ({ Key, VersionId }));
}

const bytesOf = async (Bucket: string): Promise<Buffer> => {
  const { Body } = await place.s3.send(new GetObjectCommand({ Bucket, Key: 'big' }));
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
};

async function expectRight({ destination, parts }: { destination: string; parts: string }): Promise<void> {
  expect((await bytesOf(destination)).equals(await bytesOf('source'))).toBe(true);
  for (const Bucket of [destination, parts]) {
    const { Uploads = [] } = await place.s3.send(new ListMultipartUploadsCommand({ Bucket }));
    expect(Uploads).toEqual([]);
  }
}

describe('part files in a bucket of their own', () => {
  it.each([
    { way: 'in one invocation', fansOut: false },
    { way: 'fanned out', fansOut: true },
  ])('stay there, and nothing of them at the destination: $way', async ({ fansOut }) => {
    const names = await buckets();
    const run = await place.run(names.destination, { tempPrefix: `s3://${names.parts}/of/mine` });
    expect(await (fansOut ? place.fanOut(run, 'big') : place.copy(run, 'big'))).toMatchObject({
      status: 'copied',
    });
    await expectRight(names);
    expect(await keysOf(names.destination)).toEqual(['big']);
    const files = (await keysOf(names.parts)).map((key) => key.replace(/^of\/mine\/big\/\w{7}\//, ''));
    const parts = ['part-00001', 'part-00002', 'temp-00001', 'temp-00002'].map((name) => `parts/${name}`);
    expect(files).toEqual(['layout.json', ...parts, 'target.json']);
  });

  it('are encrypted as the copies are, with what tells of them', async () => {
    const names = await buckets();
    const sse = { algorithm: 'aws:kms', key: 'arn:aws:kms:us-east-1:111122223333:key/mine' };
    const run = await place.run(names.destination, { tempPrefix: `s3://${names.parts}`, sse });
    expect(await place.copy(run, 'big')).toMatchObject({ status: 'copied' });
    const files = await keysOf(names.parts);
    expect(files).toHaveLength(2 + 4);
    for (const Key of files) {
      const { SSEKMSKeyId } = await place.s3.send(new HeadObjectCommand({ Bucket: names.parts, Key }));
      expect(SSEKMSKeyId, Key).toBe(sse.key);
    }
  });

  it('are what another run goes on from', async () => {
    const names = await buckets();
    const request = { tempPrefix: `s3://${names.parts}`, overwrite: 'always' };
    await place.copy(await place.run(names.destination, request), 'big');
    const recording = place.store.requests.record();
    expect(await place.copy(await place.run(names.destination, request), 'big')).toMatchObject({
      status: 'copied',
    });
    recording.stop();
    const ofSource = recording.requests.filter(({ copySource }) => copySource?.startsWith('source/'));
    expect(ofSource).toEqual([]);
  });

  it('are removed by version when they are not to be kept, and no delete marker stays', async () => {
    const names = await buckets();
    const run = await place.run(names.destination, { tempPrefix: `s3://${names.parts}`, keepParts: false });
    expect(await place.copy(run, 'big')).toMatchObject({ status: 'copied' });
    await expectRight(names);
    expect(await versionsIn(names.parts)).toEqual([]);
  });

  it.each([
    { what: 'somebody has written the same meanwhile', fansOut: false, status: 'copied' },
    { what: 'somebody has written the same meanwhile, fanned out', fansOut: true, status: 'copied' },
    { what: 'the source is gone', fansOut: false, status: 'vanished' },
    { what: 'the source is gone, fanned out', fansOut: true, status: 'vanished' },
    {
      what: 'the source, which told its parts, is gone',
      fansOut: false,
      status: 'vanished',
      partSize: 'source',
    },
  ])('are removed also when $what', async ({ fansOut, status, partSize = '5MiB' }) => {
    const names = await buckets();
    count += 1;
    const key = `object-${count}`;
    await putEverything(place.s3, 'source', key, { parts: 2 });
    const request = { tempPrefix: `s3://${names.parts}`, keepParts: false, partSize };
    const run = await place.run(names.destination, request);
    const isGone = status === 'vanished';
    const publishing = { operation: 'CompleteMultipartUpload', bucket: names.destination, key, times: 1 };
    const making = { operation: 'CopyObject', bucket: names.parts, times: 1 };
    place.store.rules.hook(isGone ? making : publishing, async () => {
      const CopySource = `source/${key}`;
      if (isGone) await place.s3.send(new DeleteObjectCommand({ Bucket: 'source', Key: key }));
      else await place.s3.send(new CopyObjectCommand({ Bucket: names.destination, Key: key, CopySource }));
    });
    expect(await (fansOut ? place.fanOut(run, key) : place.copy(run, key))).toMatchObject({ status });
    expect(await versionsIn(names.parts)).toEqual([]);
  });

  it.each([
    { what: 'the part files alone', isMeant: (key: string) => key.includes('/parts/') },
    { what: 'the records too, as runs that keep nothing do', isMeant: () => true },
  ])(
    'may be removed by another run in the middle of a copy, which makes them again: $what',
    async ({ isMeant }) => {
      const names = await buckets();
      const run = await place.run(names.destination, { tempPrefix: `s3://${names.parts}` });
      const hook = { operation: 'UploadPartCopy', bucket: names.destination, key: 'big', times: 1 };
      place.store.rules.hook(hook, async () => {
        const Objects = (await versionsIn(names.parts)).filter(({ Key }) => isMeant(Key));
        await place.s3.send(new DeleteObjectsCommand({ Bucket: names.parts, Delete: { Objects } }));
      });
      expect(await place.copy(run, 'big')).toMatchObject({ status: 'copied', proof: 'checksum' });
      await expectRight(names);
      expect((await keysOf(names.parts)).map((key) => key.split('/').at(-1))).toEqual([
        'layout.json',
        ...['part-00001', 'part-00002', 'temp-00001', 'temp-00002'],
        'target.json',
      ]);
    },
  );

  it.each(
    [
      { lost: 'the result of the copy', denied: 'nothing' },
      { lost: 'the removal of the records', denied: 'DeleteObjects' },
    ].flatMap((row) => [
      { ...row, way: 'in one invocation', fansOut: false },
      { ...row, way: 'fanned out', fansOut: true },
    ]),
  )('that were removed are not made again when $lost was lost: $way', async ({ denied, fansOut }) => {
    const names = await buckets();
    const run = await place.run(names.destination, { tempPrefix: `s3://${names.parts}`, keepParts: false });
    const copy = (pass: number) => (fansOut ? place.fanOut(run, 'big', pass) : place.copy(run, 'big'));
    const refusal = { kind: 'fail', operation: denied, bucket: names.parts, code: 'AccessDenied' } as const;
    // The first one is for the part files.
    place.store.rules.add({ ...refusal, skip: 1 });
    expect(await copy(1)).toMatchObject({ status: 'copied' });
    expect(await versionsIn(names.parts)).toHaveLength(denied === 'nothing' ? 0 : 1);
    place.store.rules.clear();

    const recording = place.store.requests.record();
    expect(await copy(2)).toMatchObject({ status: 'copied', proof: 'checksum' });
    recording.stop();

    const ends = [names.parts, names.destination];
    const written = recording.requests.filter(
      ({ operation, bucket = '' }) => ends.includes(bucket) && /Copy|Put|Create/.test(operation),
    );
    expect(written).toEqual([]);
    expect(await versionsIn(names.parts)).toEqual([]);
    await expectRight(names);
  });
});
