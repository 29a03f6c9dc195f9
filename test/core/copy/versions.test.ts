import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { copyObject } from '../../../core/copy/copy-object.ts';
import type { PlannedObject } from '../../../core/model/batches.ts';
import { Deadline } from '../../../core/rules/deadline.ts';
import { copyContext } from '../../../core/run/copy-context.ts';
import type { Run } from '../../../core/run/open-run.ts';
import { RequestLimiter } from '../../../core/s3/request-limiter.ts';
import { putEverything } from './source-with-everything.ts';
import { Place } from './store-harness.ts';

let place: Place;
let count = 0;

const enable = (Bucket: string) =>
  place.s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));

beforeAll(async () => {
  place = await Place.open();
  await place.bucket('source', { ObjectOwnership: 'ObjectWriter', ObjectLockEnabledForBucket: true });
  await enable('source');
});
afterEach(() => place.store.rules.clear());
afterAll(() => place.close());

async function destination(hasVersions: boolean): Promise<string> {
  count += 1;
  const Bucket = await place.bucket(`destination-${count}`, { ObjectOwnership: 'ObjectWriter' });
  if (hasVersions) await enable(Bucket);
  return Bucket;
}

const copy = (run: Run, object: PlannedObject) =>
  copyObject(copyContext(run, new RequestLimiter(4), new Deadline(600_000, 0)), object);

async function put(Bucket: string, Key: string, Body: string): Promise<string> {
  return (await place.s3.send(new PutObjectCommand({ Bucket, Key, Body }))).VersionId ?? '';
}

const text = async (Bucket: string, Key: string): Promise<string | undefined> =>
  (await place.s3.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString();

describe('a version of the source', () => {
  it('is looked at by the worker, when the plan was not allowed to', async () => {
    const first = await put('source', 'denied', 'first');
    await put('source', 'denied', 'second');
    const Bucket = await destination(false);
    const object = { key: 'denied', target: 'denied', size: 0, etag: '', reason: 'denied' };
    expect(await copy(await place.run(Bucket), { ...object, versionId: first })).toMatchObject({
      status: 'copied',
      size: 5,
    });
    expect(await text(Bucket, 'denied')).toBe('first');
  });

  it('is failed by name when it is a delete marker after all', async () => {
    await put('source', 'marked', 'x');
    const { VersionId } = await place.s3.send(new DeleteObjectCommand({ Bucket: 'source', Key: 'marked' }));
    const object = { key: 'marked', target: 'marked', size: 0, etag: '', reason: 'denied' };
    const run = await place.run(await destination(false));
    expect(await copy(run, { ...object, versionId: VersionId ?? '' })).toMatchObject({
      status: 'failed',
      error: 'DeleteMarker',
      message: `version ${VersionId} of marked is a delete marker and cannot be copied: name another version`,
      passing: false,
    });
  });

  it.each([
    { action: 's3:GetObjectVersionTagging', preserve: ['tags'], error: 'AccessDenied' },
    { action: 's3:GetObjectVersionAcl', preserve: ['acl'], error: 'AccessDenied' },
    { action: 's3:ListObjectAnnotations', preserve: ['annotations'], error: 'PropertiesIncomplete' },
  ])('is failed with the right that is missing to read it: $action', async ({ action, preserve, error }) => {
    const key = `of-${preserve}`;
    await putEverything(place.s3, 'source', key, { parts: 2 });
    const planned = await place.planned(key);
    const { Versions = [] } = await place.s3.send(
      new ListObjectVersionsCommand({ Bucket: 'source', Prefix: key }),
    );
    await put('source', key, 'a later version');
    const run = await place.run(await destination(false), { preserve });
    place.store.rules.add({ kind: 'deny', action, bucket: 'source' });
    const ended = await copy(run, { ...planned, versionId: Versions[0]?.VersionId ?? '' });
    expect(ended).toMatchObject({ status: 'failed', error });
    const message = `${action} on arn:aws:s3:::source/${key} is denied: allow it`;
    expect(ended).toMatchObject({ message: expect.stringContaining(message) });
  });
});

describe('what was published where there are versions', () => {
  const complete = (Bucket: string) => ({ operation: 'HeadObject', bucket: Bucket, key: 'big', times: 1 });

  async function big() {
    await putEverything(place.s3, 'source', 'big', { parts: 2 });
    const Bucket = await destination(true);
    return {
      Bucket,
      run: await place.run(Bucket, { strategy: 'direct' }),
      planned: await place.planned('big'),
    };
  }

  it.each(
    ['staged', 'direct'].flatMap((strategy) => [
      { strategy, lost: 'CompleteMultipartUpload', kind: 'reset', when: 'after' } as const,
      { strategy, lost: 'HeadObject', kind: 'fail', code: 'InternalError' } as const,
    ]),
  )(
    'is published once, whatever answer is lost behind it: $strategy, $lost',
    async ({ strategy, lost, ...rule }) => {
      const { Bucket, planned } = await big();
      const run = await place.run(Bucket, { strategy });
      place.store.rules.add({ ...rule, operation: lost, bucket: Bucket, key: 'big', times: 1 });
      expect(await place.copy(run, 'big')).toMatchObject({ status: 'failed', passing: true });
      const ended = await copy(run, planned);
      expect(ended).toMatchObject({ status: 'copied' });
      const { Versions = [] } = await place.s3.send(new ListObjectVersionsCommand({ Bucket, Prefix: 'big' }));
      expect(ended).toMatchObject({ versionId: Versions[0]?.VersionId });
      expect(Versions).toHaveLength(1);
      const { Uploads = [] } = await place.s3.send(new ListMultipartUploadsCommand({ Bucket }));
      expect(Uploads).toEqual([]);
    },
  );

  it('is a conflict, too, when versions are suspended and somebody has written the same version', async () => {
    const { Bucket, run, planned } = await big();
    const VersioningConfiguration = { Status: 'Suspended' } as const;
    await place.s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
    place.store.rules.hook(complete(Bucket), async () => {
      await put(Bucket, 'big', 'of somebody else');
    });
    expect(await copy(run, planned)).toMatchObject({ status: 'conflict' });
    expect(await text(Bucket, 'big')).toBe('of somebody else');
  });

  it('is a conflict when it is deleted before it is looked at', async () => {
    const { Bucket, run, planned } = await big();
    place.store.rules.hook(complete(Bucket), async () => {
      await place.s3.send(new DeleteObjectCommand({ Bucket, Key: 'big' }));
    });
    expect(await copy(run, planned)).toMatchObject({ status: 'conflict' });
  });

  it('is copied when who came between has written the same', async () => {
    const { Bucket, run, planned } = await big();
    const other = await place.run(Bucket, { strategy: 'direct', overwrite: 'always' });
    let versionId: string | undefined;
    place.store.rules.hook(complete(Bucket), async () => {
      const ended = await copy(other, planned);
      versionId = ended === 'later' ? undefined : ended.versionId;
    });
    const ended = await copy(run, planned);
    expect(ended).toMatchObject({ status: 'copied', proof: 'checksum', versionId });
    expect(versionId).toBeDefined();
  });

  it('is what S3 answered for who may not look', async () => {
    const { Bucket, run, planned } = await big();
    place.store.rules.add({ kind: 'deny', action: 's3:GetObject', bucket: Bucket });
    expect(await copy(run, planned)).toMatchObject({ status: 'copied', proof: 'checksum' });
  });
});
