import {
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutBucketEncryptionCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { copyObject } from '../../../core/copy/copy-object.ts';
import { Deadline } from '../../../core/rules/deadline.ts';
import { copyContext } from '../../../core/run/copy-context.ts';
import type { Run } from '../../../core/run/open-run.ts';
import type { ObjectStore } from '../../../core/s3/object-store.ts';
import { RequestLimiter } from '../../../core/s3/request-limiter.ts';
import { Place } from './store-harness.ts';

const keys = ['one', 'two'];

/** A run that sees no checksum at the source, as of objects from before S3 added one to each. */
function withoutChecksums(run: Run): Run {
  const { store } = run.source;
  const head = async (object: Parameters<ObjectStore['head']>[0]) => {
    const found = await store.head(object);
    return found === undefined ? undefined : { ...found, checksums: [] };
  };
  return { ...run, source: { ...run.source, store: { head } as unknown as ObjectStore } };
}

describe('a small object without a checksum, of which a proof is required', () => {
  let place: Place;
  let count = 0;

  beforeAll(async () => {
    place = await Place.open();
    await place.bucket('source');
    for (const Key of keys) await place.s3.send(new PutObjectCommand({ Bucket: 'source', Key, Body: Key }));
    const ServerSideEncryption = 'aws:kms' as const;
    await place.s3.send(
      new PutObjectCommand({ Bucket: 'source', Key: 'encrypted', Body: 'x', ServerSideEncryption }),
    );
  });
  afterAll(() => place.close());

  async function destination(isKms: boolean): Promise<string> {
    count += 1;
    const Bucket = await place.bucket(`destination-${count}`);
    if (!isKms) return Bucket;
    const Rules = [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' as const } }];
    const ServerSideEncryptionConfiguration = { Rules };
    await place.s3.send(new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration }));
    return Bucket;
  }

  const kms = { algorithm: 'aws:kms' };
  const unproven = { status: 'failed', error: 'UnprovenError', passing: false };

  it.each([
    { copied: keys, isKms: false, sse: undefined, ends: { status: 'copied', proof: 'etag' }, asks: 1 },
    { copied: keys, isKms: true, sse: undefined, ends: unproven, asks: 1 },
    { copied: keys, isKms: false, sse: kms, ends: unproven, asks: 0 },
    {
      copied: keys,
      isKms: true,
      sse: { algorithm: 'AES256' },
      ends: { status: 'copied', proof: 'etag' },
      asks: 0,
    },
    { copied: ['encrypted'], isKms: false, sse: undefined, ends: unproven, asks: 0 },
  ])('is known to be provable before it is published: %j', async ({ copied, isKms, sse, ends, asks }) => {
    const Bucket = await destination(isKms);
    const run = withoutChecksums(
      await place.run(Bucket, { verify: 'required', ...(sse === undefined ? {} : { sse }) }),
    );
    const context = copyContext(run, new RequestLimiter(4), new Deadline(600_000, 0));
    const recording = place.store.requests.record();
    for (const key of copied) expect(await copyObject(context, await place.planned(key))).toMatchObject(ends);
    recording.stop();
    const uploads = recording.requests.filter(({ operation }) => operation === 'CreateMultipartUpload');
    expect(uploads).toHaveLength(asks);
    const { Contents = [] } = await place.s3.send(new ListObjectsV2Command({ Bucket }));
    expect(Contents.map(({ Key }) => Key)).toEqual(ends.status === 'copied' ? copied : []);
    const { Uploads = [] } = await place.s3.send(new ListMultipartUploadsCommand({ Bucket }));
    expect(Uploads).toEqual([]);
  });

  it('leaves no upload of the question behind, whose answer was lost', async () => {
    const Bucket = await destination(true);
    const run = withoutChecksums(await place.run(Bucket, { verify: 'required' }));
    for (const operation of ['CreateMultipartUpload', 'AbortMultipartUpload'])
      place.store.rules.add({ kind: 'reset', operation, bucket: Bucket, when: 'after', times: 1 });
    const context = copyContext(run, new RequestLimiter(4), new Deadline(600_000, 0));
    expect(await copyObject(context, await place.planned('one'))).toMatchObject(unproven);
    const { Uploads = [] } = await place.s3.send(new ListMultipartUploadsCommand({ Bucket }));
    expect(Uploads).toEqual([]);
  });

  it('is proved without a further question when its checksum came with the plan', async () => {
    const Bucket = await destination(true);
    const run = await place.run(Bucket, { verify: 'required' });
    const head = await run.source.store.head({ bucket: 'source', key: 'one' });
    const planned = { ...(await place.planned('one')), checksums: [...(head?.checksums ?? [])] };
    const recording = place.store.requests.record();
    const context = copyContext(run, new RequestLimiter(4), new Deadline(600_000, 0));
    expect(await copyObject(context, planned)).toMatchObject({ status: 'copied', proof: 'checksum' });
    recording.stop();
    expect(recording.requests.map(({ operation }) => operation)).toEqual(['CopyObject']);
  });
});
