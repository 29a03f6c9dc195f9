import {
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { expect } from 'vitest';
import { md5 } from './bodies.ts';
import { expectError } from './expectations.ts';
import { fact, startJudge } from './fact.ts';
import { sources } from './sources.ts';

startJudge();

fact(
  'PutObject with If-None-Match * writes only if the key does not exist',
  sources.conditionalWrites,
  async ({ s3, bucket }) => {
    const key = { Bucket: bucket, Key: 'create' };
    await s3.send(new PutObjectCommand({ ...key, Body: 'first', IfNoneMatch: '*' }));
    await expectError(
      s3.send(new PutObjectCommand({ ...key, Body: 'second', IfNoneMatch: '*' })),
      'PreconditionFailed',
      412,
    );
    const read = await s3.send(new GetObjectCommand(key));
    expect(await read.Body?.transformToString()).toBe('first');
  },
);

fact(
  'PutObject with If-Match writes only if the object has the ETag, and answers 404 for a missing key',
  sources.conditionalWrites,
  async ({ s3, bucket }) => {
    const key = { Bucket: bucket, Key: 'replace' };
    await expectError(
      s3.send(new PutObjectCommand({ ...key, Body: 'x', IfMatch: `"${md5('x')}"` })),
      'NoSuchKey',
      404,
    );
    const { ETag } = await s3.send(new PutObjectCommand({ ...key, Body: 'first' }));
    await expectError(
      s3.send(new PutObjectCommand({ ...key, Body: 'x', IfMatch: `"${md5('x')}"` })),
      'PreconditionFailed',
      412,
    );
    await s3.send(new PutObjectCommand({ ...key, Body: 'second', IfMatch: ETag }));
    expect((await s3.send(new HeadObjectCommand(key))).ETag).toBe(`"${md5('second')}"`);
  },
);

fact(
  'exactly one of several concurrent writes with If-None-Match * succeeds',
  sources.conditionalWrites,
  async ({ s3, bucket }) => {
    const puts = Array.from({ length: 8 }, (_, index) =>
      s3.send(
        new PutObjectCommand({ Bucket: bucket, Key: 'race', Body: `racer ${index}`, IfNoneMatch: '*' }),
      ),
    );
    const results = await Promise.allSettled(puts);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  },
);

fact('CopyObject checks conditions on its destination', sources.conditionalWrites, async ({ s3, bucket }) => {
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'source', Body: 'source' }));
  const copy = { Bucket: bucket, Key: 'target', CopySource: `${bucket}/source` };
  await expectError(s3.send(new CopyObjectCommand({ ...copy, IfMatch: `"${md5('x')}"` })), 'NoSuchKey', 404);
  await s3.send(new CopyObjectCommand({ ...copy, IfNoneMatch: '*' }));
  await expectError(s3.send(new CopyObjectCommand({ ...copy, IfNoneMatch: '*' })), 'PreconditionFailed', 412);
  await expectError(
    s3.send(new CopyObjectCommand({ ...copy, IfMatch: `"${md5('x')}"` })),
    'PreconditionFailed',
    412,
  );
  await s3.send(new CopyObjectCommand({ ...copy, IfMatch: `"${md5('source')}"` }));
});

fact(
  'S3 answers 501 to a write with * in If-Match, an ETag in If-None-Match, or both headers',
  sources.recordedRequests,
  async ({ s3, bucket }) => {
    const key = { Bucket: bucket, Key: 'guarded' };
    const { ETag } = await s3.send(new PutObjectCommand({ ...key, Body: 'x' }));
    for (const condition of [{ IfMatch: '*' }, { IfNoneMatch: ETag }, { IfMatch: ETag, IfNoneMatch: '*' }])
      await expectError(
        s3.send(new PutObjectCommand({ ...key, Body: 'y', ...condition })),
        'NotImplemented',
        501,
      );
    expect((await s3.send(new HeadObjectCommand(key))).ETag).toBe(`"${md5('x')}"`);
  },
);

fact(
  'DeleteObject with If-Match deletes only an object that has the ETag',
  sources.conditionalDeletes,
  async ({ s3, bucket }) => {
    const key = { Bucket: bucket, Key: 'doomed' };
    const { ETag } = await s3.send(new PutObjectCommand({ ...key, Body: 'x' }));
    await expectError(
      s3.send(new DeleteObjectCommand({ ...key, IfMatch: `"${md5('y')}"` })),
      'PreconditionFailed',
      412,
    );
    await s3.send(new HeadObjectCommand(key));
    await s3.send(new DeleteObjectCommand({ ...key, IfMatch: ETag }));
    await expectError(s3.send(new HeadObjectCommand(key)), 'NotFound', 404);
  },
);

fact(
  'DeleteObjects checks the ETag of each key, and reports the keys that it did not delete',
  sources.conditionalDeletes,
  async ({ s3, bucket }) => {
    for (const key of ['keep', 'drop'])
      await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: key }));
    const objects = [
      { Key: 'keep', ETag: `"${md5('other')}"` },
      { Key: 'drop', ETag: `"${md5('drop')}"` },
    ];
    const answer = await s3.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: objects } }));
    expect(answer.Deleted?.map(({ Key }) => Key)).toEqual(['drop']);
    expect(answer.Errors?.map(({ Key, Code }) => [Key, Code])).toEqual([['keep', 'PreconditionFailed']]);
    await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: 'keep' }));
  },
);
