import {
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Run } from '../../../core/run/open-run.ts';
import { longTags, propertiesOf, putEverything, shortTags } from './source-with-everything.ts';
import { Place } from './store-harness.ts';

const bytes = ['CopyObject', 'CreateMultipartUpload', 'UploadPartCopy', 'CompleteMultipartUpload'];
const everyWord = { preserve: ['metadata', 'tags', 'annotations'] };

describe('properties that are written after the bytes are published', () => {
  let place: Place;
  let count = 0;

  beforeAll(async () => {
    place = await Place.open();
    await lockable('source');
    await putEverything(place.s3, 'source', 'simple', { parts: 0 });
    await putEverything(place.s3, 'source', 'big', { parts: 2, tags: longTags });
  });
  afterEach(() => place.store.rules.clear());
  afterAll(() => place.close());

  const lockable = (name: string): Promise<string> =>
    place.bucket(name, { ObjectOwnership: 'ObjectWriter', ObjectLockEnabledForBucket: true });

  async function fresh(request: Record<string, unknown> = {}): Promise<{ run: Run; destination: string }> {
    count += 1;
    const destination = await lockable(`destination-${count}`);
    return { run: await place.run(destination, request), destination };
  }

  /** What is asked of a bucket while something is done. */
  async function asked(bucket: string, work: () => Promise<unknown>): Promise<string[]> {
    const recording = place.store.requests.record();
    expect(await work()).toMatchObject({ status: 'copied' });
    recording.stop();
    return recording.requests.filter((one) => one.bucket === bucket).map(({ operation }) => operation);
  }

  const tagsOf = async (bucket: string) => (await propertiesOf(place.s3, bucket, 'big')).tags;
  const denied = (destination: string) =>
    `s3:PutObjectVersionTagging on arn:aws:s3:::${destination}/big is denied`;

  it.each([{ keepParts: true }, { keepParts: false }])(
    'fail their object by name if they are refused; the next attempt writes only them (%j)',
    async (request) => {
      const { run, destination } = await fresh(request);
      const rule = { kind: 'deny', action: 's3:PutObjectVersionTagging', bucket: destination } as const;
      const deny = place.store.rules.add(rule);
      const failed = await place.copy(run, 'big');
      expect(failed).toMatchObject({ status: 'failed', error: 'PropertiesIncomplete', passing: false });
      expect(failed).toMatchObject({ message: expect.stringContaining(denied(destination)) });
      expect(await tagsOf(destination)).toEqual([]);
      deny.remove();

      const again = await asked(destination, () => place.copy(run, 'big'));
      expect(again.filter((operation) => bytes.includes(operation))).toEqual([]);
      expect(again.filter((operation) => operation === 'PutObjectTagging')).toHaveLength(1);
      expect(await tagsOf(destination)).toEqual(longTags);
      const { Versions } = await place.s3.send(
        new ListObjectVersionsCommand({ Bucket: destination, Prefix: 'big' }),
      );
      expect(Versions).toHaveLength(1);
    },
  );

  it('fail a fanned-out object too, and are all that the next pass writes', async () => {
    const { run, destination } = await fresh();
    const action = 's3:PutObjectVersionTagging';
    const deny = place.store.rules.add({ kind: 'deny', action, bucket: destination });
    expect(await place.fanOut(run, 'big')).toMatchObject({ status: 'failed', error: 'PropertiesIncomplete' });
    deny.remove();
    const again = await asked(destination, () => place.fanOut(run, 'big', 2));
    expect(again.filter((operation) => bytes.includes(operation))).toEqual([]);
    expect(await tagsOf(destination)).toEqual(longTags);
  });

  it('are all that is written again also where nothing but the record of the run tells what is there', async () => {
    const aclGrant = ['READ:id=a', 'WRITE:id=b'];
    const { run, destination } = await fresh({ overwrite: 'always', aclGrant });
    const action = 's3:PutObjectVersionAcl';
    const deny = place.store.rules.add({ kind: 'deny', action, bucket: destination });
    const failed = await place.copy(run, 'simple');
    expect(failed).toMatchObject({ error: 'PropertiesIncomplete', message: expect.stringContaining(action) });
    deny.remove();
    expect(await asked(destination, () => place.copy(run, 'simple'))).toEqual(['HeadObject', 'PutObjectAcl']);
    const { ACL } = await propertiesOf(place.s3, destination, 'simple');
    expect(ACL).toEqual(['READ a', 'WRITE b']);
  });

  it.each(['before', 'after'] as const)('survive an answer that is lost %s its effect', async (when) => {
    const { run, destination } = await fresh();
    place.store.rules.add({ kind: 'reset', operation: 'PutObjectTagging', when, times: 1 });
    expect(await place.copy(run, 'big')).toMatchObject({ error: 'PropertiesIncomplete', passing: true });
    const again = await asked(destination, () => place.copy(run, 'big'));
    expect(again.filter((operation) => bytes.includes(operation))).toEqual([]);
    expect(await tagsOf(destination)).toEqual(longTags);
  });

  it('are written also when nobody lived to say that they are missing', async () => {
    const { run, destination } = await fresh(everyWord);
    const dead = () => {
      throw new Error('the invocation is dead');
    };
    place.store.rules.hook({ operation: 'PutObjectTagging' }, dead);
    place.store.rules.hook({ operation: 'PutObject', key: 'runs/*/properties/*' }, dead);
    await expect(place.copy(run, 'big')).rejects.toMatchObject({ name: 'StorageError' });
    place.store.rules.clear();
    const again = await asked(destination, () => place.copy(run, 'big'));
    expect(again).not.toContain('CompleteMultipartUpload');
    const { tags, annotations } = await propertiesOf(place.s3, destination, 'big');
    expect(tags).toEqual(longTags);
    expect(annotations).toEqual((await propertiesOf(place.s3, 'source', 'big')).annotations);
  });

  it('are never those of another version of the source', async () => {
    const { run, destination } = await fresh(everyWord);
    await putEverything(place.s3, 'source', 'moving', { parts: 2, tags: longTags });
    place.store.rules.hook({ operation: 'ListObjectAnnotations', times: 1 }, async () => {
      await place.s3.send(new PutObjectCommand({ Bucket: 'source', Key: 'moving', Body: 'another version' }));
    });
    expect(await place.copy(run, 'moving')).toMatchObject({ status: 'copied' });
    const { Body } = await place.s3.send(new GetObjectCommand({ Bucket: destination, Key: 'moving' }));
    expect(await Body?.transformToString()).toBe('another version');
    const { tags, annotations } = await propertiesOf(place.s3, destination, 'moving');
    expect({ tags, annotations }).toEqual({ tags: [], annotations: {} });
  });

  it('are asked for by no request when there can be none', async () => {
    const { run, destination } = await fresh({ preserve: ['metadata'] });
    expect(await asked('source', () => place.copy(run, 'big'))).not.toContain('GetObjectTagging');
    expect(await asked(destination, () => place.copy(run, 'simple'))).toEqual(['CopyObject']);
  });
});

describe('a right that is missing', () => {
  let place: Place;
  let count = 0;

  beforeAll(async () => {
    place = await Place.open();
    await place.bucket('source', { ObjectOwnership: 'ObjectWriter', ObjectLockEnabledForBucket: true });
    await putEverything(place.s3, 'source', 'simple', { parts: 0, tags: shortTags });
    await putEverything(place.s3, 'source', 'big', { parts: 2 });
    await place.s3.send(new PutObjectCommand({ Bucket: 'source', Key: 'untagged', Body: 'x' }));
  });
  afterEach(() => place.store.rules.clear());
  afterAll(() => place.close());

  async function destinationOf(options = {}): Promise<string> {
    count += 1;
    const locks = { ObjectOwnership: 'ObjectWriter', ObjectLockEnabledForBucket: true } as const;
    return place.bucket(`destination-${count}`, { ...locks, ...options });
  }

  it.each([
    { action: 's3:GetObjectTagging', at: 'source', word: 'tags' },
    { action: 's3:PutObjectTagging', at: 'destination', word: 'tags' },
    { action: 's3:PutObject', at: 'destination', word: 'tags', keys: ['simple'] },
    { action: 's3:GetObjectAcl', at: 'source', word: 'acl' },
    { action: 's3:PutObjectAcl', at: 'destination', word: 'acl' },
    { action: 's3:GetObjectRetention', at: 'source', word: 'objectLock', keys: ['untagged'] },
    { action: 's3:PutObjectRetention', at: 'destination', word: 'objectLock' },
    { action: 's3:PutObjectLegalHold', at: 'destination', word: 'objectLock' },
  ])('$action fails the object with its name and resource', async ({ action, at, word, keys }) => {
    const destination = await destinationOf();
    const run = await place.run(destination, { preserve: ['metadata', word] });
    const bucket = at === 'source' ? 'source' : destination;
    place.store.rules.add({ kind: 'deny', action, bucket });
    for (const key of keys ?? ['simple', 'big']) {
      const ended = await place.copy(run, key);
      expect(ended).toMatchObject({ status: 'failed', error: 'AccessDenied', passing: false });
      expect(ended).toMatchObject({
        message: expect.stringContaining(`${action} on arn:aws:s3:::${bucket}/${key} is denied: allow it`),
      });
    }
    const { Uploads } = await place.s3.send(new ListMultipartUploadsCommand({ Bucket: destination }));
    expect(Uploads ?? []).toEqual([]);
  });

  it('for tags matters only to who wants them, and to simple objects that have some', async () => {
    const destination = await destinationOf();
    place.store.rules.add({ kind: 'deny', action: 's3:GetObjectTagging', bucket: 'source' });
    place.store.rules.add({ kind: 'deny', action: 's3:PutObjectTagging', bucket: destination });
    const run = await place.run(destination, {});
    expect(await place.copy(run, 'untagged')).toMatchObject({ status: 'copied' });
    const without = await place.run(destination, { preserve: ['metadata'] });
    expect(await place.copy(without, 'simple')).toMatchObject({ status: 'copied' });
    expect(await place.copy(without, 'big')).toMatchObject({ status: 'copied' });
  });

  it('is no matter where the destination takes no lists: the message says what to do', async () => {
    const enforced = await destinationOf({ ObjectOwnership: 'BucketOwnerEnforced' });
    const run = await place.run(enforced, { preserve: ['acl'] });
    for (const key of ['simple', 'big']) {
      expect(await place.copy(run, key)).toMatchObject({
        error: 'AccessControlListNotSupported',
        message: expect.stringContaining('BucketOwnerEnforced'),
      });
    }
    expect(await place.copy(run, 'untagged')).toMatchObject({ status: 'copied' });
  });

  it('is no matter where the destination has no Object Lock: the message says so', async () => {
    const run = await place.run(await place.bucket('unlocked'), { preserve: ['objectLock'] });
    expect(await place.copy(run, 'simple')).toMatchObject({
      message: expect.stringContaining('the destination bucket has no Object Lock: enable it there'),
    });
  });

  it.each([
    { request: { acl: 'public-read' }, refused: /^acl: "public-read" cannot be set in "enforced/ },
    {
      request: { aclGrant: ['READ:id=a'] },
      refused: /^aclGrant: \["READ:id=a"\] .* "BucketOwnerPreferred"$/,
    },
  ])('for a list is told before anything is copied: %j', async ({ request, refused }) => {
    count += 1;
    const enforced = await place.bucket(`enforced-${count}`);
    await expect(place.run(enforced, request)).rejects.toMatchObject({
      name: 'InvalidRequestError',
      message: expect.stringMatching(refused),
    });
    await expect(place.run(enforced, { acl: 'bucket-owner-full-control' })).resolves.toBeDefined();
    place.store.rules.add({ kind: 'deny', action: 's3:GetBucketOwnershipControls' });
    await expect(place.run(enforced, request)).resolves.toBeDefined();
  });

  it.each([
    { action: 's3:GetObjectAcl', word: 'acl' },
    { action: 's3:GetObjectRetention', word: 'objectLock' },
    { action: 's3:GetObjectLegalHold', word: 'objectLock' },
    { action: 's3:ListObjectAnnotations', word: 'annotations' },
  ])('$action is told before anything is copied, if the request asks for it', async ({ action, word }) => {
    const destination = await destinationOf();
    place.store.rules.add({ kind: 'deny', action, bucket: 'source' });
    await expect(place.run(destination, { preserve: [word] })).rejects.toMatchObject({
      name: 'PermissionError',
      message: expect.stringContaining(`preserve: ${action} on arn:aws:s3:::source/`),
    });
    await expect(place.run(destination, {})).resolves.toBeDefined();
  });
});
