import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectTaggingCommand,
  GetBucketLocationCommand,
  GetObjectCommand,
  GetObjectLockConfigurationCommand,
  GetObjectTaggingCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  ObjectLockRetentionMode,
  PutObjectCommand,
  PutObjectLockConfigurationCommand,
  PutObjectTaggingCommand,
} from '@aws-sdk/client-s3';
import { expect } from 'vitest';
import { sha256 } from './bodies.ts';
import { errorCode, expectError } from './expectations.ts';
import { fact, startJudge } from './fact.ts';
import { sources } from './sources.ts';

startJudge();

const tags = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ Key: `k${index}`, Value: `v ${index}` }));

fact('tags of an object can be set, read, replaced and removed', sources.tagging, async ({ s3, bucket }) => {
  const key = { Bucket: bucket, Key: 'tags' };
  await s3.send(new PutObjectCommand({ ...key, Body: 'x', Tagging: 'a=1&b=%C3%BC+x' }));
  const { TagSet = [] } = await s3.send(new GetObjectTaggingCommand(key));
  expect(TagSet.map(({ Key, Value }) => `${Key}=${Value}`).sort()).toEqual(['a=1', 'b=ü x']);
  expect((await s3.send(new GetObjectCommand(key))).TagCount).toBe(2);
  await s3.send(new PutObjectTaggingCommand({ ...key, Tagging: { TagSet: tags(10) } }));
  expect((await s3.send(new GetObjectTaggingCommand(key))).TagSet).toHaveLength(10);
  await s3.send(new DeleteObjectTaggingCommand(key));
  expect((await s3.send(new GetObjectTaggingCommand(key))).TagSet).toEqual([]);
});

fact('an object can have at most ten tags', sources.tagging, async ({ s3, bucket }) => {
  const key = { Bucket: bucket, Key: 'many-tags' };
  await s3.send(new PutObjectCommand({ ...key, Body: 'x' }));
  const put = new PutObjectTaggingCommand({ ...key, Tagging: { TagSet: tags(11) } });
  const failure = await s3.send(put).catch((error: unknown) => error);
  expect(failure).toMatchObject({ $metadata: { httpStatusCode: 400 } });
});

fact(
  'tag keys are unique and have up to 128 characters, and tag values up to 256',
  sources.tagging,
  async ({ s3, bucket }) => {
    const key = { Bucket: bucket, Key: 'bad-tags' };
    await s3.send(new PutObjectCommand({ ...key, Body: 'x' }));
    const refused = [
      [{ Key: 'x'.repeat(129), Value: '' }],
      [{ Key: 'x', Value: 'y'.repeat(257) }],
      [
        { Key: 'x', Value: '1' },
        { Key: 'x', Value: '2' },
      ],
    ];
    for (const TagSet of refused) {
      await expectError(
        s3.send(new PutObjectTaggingCommand({ ...key, Tagging: { TagSet } })),
        'InvalidTag',
        400,
      );
    }
  },
);

fact(
  'HeadBucket, ListBuckets and GetBucketLocation find a bucket that exists',
  sources.headBucket,
  async ({ s3, bucket }) => {
    expect((await s3.send(new HeadBucketCommand({ Bucket: bucket }))).BucketRegion).toBe('us-east-1');
    expect((await s3.send(new ListBucketsCommand())).Buckets?.map(({ Name }) => Name)).toContain(bucket);
    expect(
      (await s3.send(new GetBucketLocationCommand({ Bucket: bucket }))).LocationConstraint,
    ).toBeUndefined();
  },
);

fact('HeadBucket answers 404 for a missing bucket', sources.headBucket, async ({ s3 }) => {
  await expectError(
    s3.send(new HeadBucketCommand({ Bucket: 'no-such-bucket-of-these-facts' })),
    'NotFound',
    404,
  );
});

fact(
  'the owner of a bucket in us-east-1 can create it again',
  sources.createBucket,
  async ({ s3, bucket }) => {
    await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  },
);

fact('a bucket with an invalid name is refused', sources.createBucket, async ({ raw }) => {
  for (const name of ['UPPER-case', 'ab', 'under_score', '192.168.0.1', 'dot..dot']) {
    const answer = await raw({ method: 'PUT', path: `/${name}` });
    expect([name, answer.status]).toEqual([name, 400]);
    expect(answer.text).toContain('<Code>InvalidBucketName</Code>');
  }
});

fact('only an empty bucket can be deleted', sources.deleteBucket, async ({ s3, newBucket }) => {
  const bucket = await newBucket();
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'k', Body: 'x' }));
  await expectError(s3.send(new DeleteBucketCommand({ Bucket: bucket })), 'BucketNotEmpty', 409);
  await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'k' }));
  await s3.send(new DeleteBucketCommand({ Bucket: bucket }));
  await expectError(s3.send(new HeadBucketCommand({ Bucket: bucket })), 'NotFound', 404);
});

fact(
  'a bucket without Object Lock has no Object Lock configuration',
  sources.lock,
  async ({ s3, bucket }) => {
    const get = new GetObjectLockConfigurationCommand({ Bucket: bucket });
    await expectError(s3.send(get), 'ObjectLockConfigurationNotFoundError', 404);
  },
);

fact(
  'a new version in a bucket with default retention cannot be deleted',
  sources.lock,
  async ({ s3, newBucket }) => {
    const bucket = await newBucket({ objectLock: true });
    const rule = { DefaultRetention: { Mode: ObjectLockRetentionMode.GOVERNANCE, Days: 1 } };
    const configuration = { ObjectLockEnabled: 'Enabled' as const, Rule: rule };
    await s3.send(
      new PutObjectLockConfigurationCommand({ Bucket: bucket, ObjectLockConfiguration: configuration }),
    );
    const found = await s3.send(new GetObjectLockConfigurationCommand({ Bucket: bucket }));
    expect(found.ObjectLockConfiguration).toEqual(configuration);
    const { VersionId } = await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'k', Body: 'x' }));
    const remove = { Bucket: bucket, Key: 'k', VersionId };
    await expectError(s3.send(new DeleteObjectCommand(remove)), 'AccessDenied', 403);
    await s3.send(new DeleteObjectCommand({ ...remove, BypassGovernanceRetention: true }));
  },
);

fact(
  'a PutObjectTagging with a wrong checksum does not set tags',
  sources.checksums,
  async ({ raw, s3, bucket }) => {
    const key = { Bucket: bucket, Key: 'damaged-tags' };
    await s3.send(new PutObjectCommand({ ...key, Body: 'x' }));
    const body = '<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>';
    const headers = { 'x-amz-checksum-sha256': sha256('something else') };
    const put = { method: 'PUT', path: `/${bucket}/damaged-tags`, query: 'tagging=', body };
    expect(errorCode((await raw({ ...put, headers })).text)).toBe('BadDigest');
    expect((await s3.send(new GetObjectTaggingCommand(key))).TagSet).toEqual([]);
  },
);
