import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutBucketEncryptionCommand,
  PutObjectCommand,
  RestoreObjectCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { expect } from 'vitest';
import { md5 } from './bodies.ts';
import { expectError } from './expectations.ts';
import { fact, startJudge } from './fact.ts';
import { sources } from './sources.ts';

startJudge();

fact(
  'a storage class is stored and listed, and HEAD does not show STANDARD',
  sources.storageClass,
  async ({ s3, newBucket }) => {
    const bucket = await newBucket();
    await s3.send(
      new PutObjectCommand({ Bucket: bucket, Key: 'ia', Body: 'x', StorageClass: 'STANDARD_IA' }),
    );
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'standard', Body: 'x' }));
    const classes = [];
    for (const Key of ['ia', 'standard'])
      classes.push((await s3.send(new HeadObjectCommand({ Bucket: bucket, Key }))).StorageClass);
    expect(classes).toEqual(['STANDARD_IA', undefined]);
    const page = await s3.send(new ListObjectsV2Command({ Bucket: bucket }));
    expect(page.Contents?.map(({ StorageClass }) => StorageClass)).toEqual(['STANDARD_IA', 'STANDARD']);
  },
);

fact(
  'an unknown storage class is answered InvalidStorageClass',
  sources.storageClass,
  async ({ bucket, raw }) => {
    const answer = await raw({
      method: 'PUT',
      path: `/${bucket}/k`,
      headers: { 'x-amz-storage-class': 'WARM' },
      body: 'x',
    });
    expect(answer.status).toBe(400);
    expect(answer.text).toContain('<Code>InvalidStorageClass</Code>');
  },
);

fact(
  'S3 shows the properties of an archived object, but answers 403 when it is read or copied',
  sources.archive,
  async ({ s3, bucket }) => {
    for (const StorageClass of ['GLACIER', 'DEEP_ARCHIVE'] as const) {
      const key = { Bucket: bucket, Key: StorageClass };
      await s3.send(new PutObjectCommand({ ...key, Body: 'x', StorageClass }));
      expect((await s3.send(new HeadObjectCommand(key))).StorageClass).toBe(StorageClass);
      await expectError(s3.send(new GetObjectCommand(key)), 'InvalidObjectState', 403);
      const copy = { Bucket: bucket, Key: 'thawed', CopySource: `${bucket}/${StorageClass}` };
      const failure = await s3.send(new CopyObjectCommand(copy)).catch((error: unknown) => error);
      expect(failure).toMatchObject({ $metadata: { httpStatusCode: 403 } });
    }
  },
);

fact(
  'S3 answers 403 when a part is copied from an archived object',
  sources.partCopy,
  async ({ s3, bucket }) => {
    const StorageClass = 'GLACIER';
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'frozen', Body: 'x', StorageClass }));
    const address = { Bucket: bucket, Key: 'thawed-part' };
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand(address));
    const part = { ...address, UploadId, PartNumber: 1, CopySource: `${bucket}/frozen` };
    await expectError(s3.send(new UploadPartCopyCommand(part)), 'InvalidObjectState', 403);
  },
);

fact(
  'an object in GLACIER_IR can be read without a restore',
  sources.storageClass,
  async ({ s3, bucket }) => {
    const key = { Bucket: bucket, Key: 'instant' };
    await s3.send(new PutObjectCommand({ ...key, Body: 'x', StorageClass: 'GLACIER_IR' }));
    await s3.send(new GetObjectCommand(key));
  },
);

fact('only archived objects can be restored', sources.archive, async ({ s3, bucket }) => {
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'cold', Body: 'x', StorageClass: 'GLACIER' }));
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'warm', Body: 'x' }));
  const request = { Days: 1, GlacierJobParameters: { Tier: 'Standard' as const } };
  const accepted = await s3.send(
    new RestoreObjectCommand({ Bucket: bucket, Key: 'cold', RestoreRequest: request }),
  );
  expect(accepted.$metadata.httpStatusCode).toBe(202);
  expect((await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: 'cold' }))).Restore).toMatch(
    /^ongoing-request=/,
  );
  const refused = new RestoreObjectCommand({ Bucket: bucket, Key: 'warm', RestoreRequest: request });
  await expectError(s3.send(refused), 'InvalidObjectState', 403);
});

fact('every object is encrypted, with SSE-S3 by default', sources.encryption, async ({ s3, bucket }) => {
  const written = await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'sse', Body: 'x' }));
  expect(written.ServerSideEncryption).toBe('AES256');
});

fact(
  'the ETag of an object with SSE-KMS is not the MD5 of its bytes',
  sources.objectEtag,
  async ({ s3, bucket }) => {
    const put = { Bucket: bucket, Key: 'kms', Body: 'x', ServerSideEncryption: 'aws:kms' } as const;
    const written = await s3.send(new PutObjectCommand(put));
    expect(written.ServerSideEncryption).toBe('aws:kms');
    expect(written.ETag).toMatch(/^"[0-9a-f]{32}"$/);
    expect(written.ETag).not.toBe(`"${md5('x')}"`);
  },
);

fact(
  'the default encryption of a bucket applies to puts, copies and multipart uploads',
  sources.encryption,
  async ({ s3, newBucket }) => {
    const bucket = await newBucket();
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'before', Body: 'x' }));
    const rules = [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' as const } }];
    await s3.send(
      new PutBucketEncryptionCommand({ Bucket: bucket, ServerSideEncryptionConfiguration: { Rules: rules } }),
    );
    const copied = await s3.send(
      new CopyObjectCommand({ Bucket: bucket, Key: 'copy', CopySource: `${bucket}/before` }),
    );
    expect(copied.ServerSideEncryption).toBe('aws:kms');
    expect(copied.CopyObjectResult?.ETag).not.toBe(`"${md5('x')}"`);
    const address = { Bucket: bucket, Key: 'multipart' };
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand(address));
    const { ETag } = await s3.send(new UploadPartCommand({ ...address, UploadId, PartNumber: 1, Body: 'x' }));
    expect(ETag).not.toBe(`"${md5('x')}"`);
    const parts = { Parts: [{ PartNumber: 1, ETag }] };
    const completed = await s3.send(
      new CompleteMultipartUploadCommand({ ...address, UploadId, MultipartUpload: parts }),
    );
    expect(completed).toMatchObject({ ServerSideEncryption: 'aws:kms' });
    expect(completed.ETag).toMatch(/^"[0-9a-f]{32}-1"$/);
  },
);

fact('a new bucket refuses customer keys', sources.encryption, async ({ s3, bucket }) => {
  const key = Buffer.alloc(32, 1);
  const put = {
    Bucket: bucket,
    Key: 'sse-c',
    Body: 'x',
    SSECustomerAlgorithm: 'AES256',
    SSECustomerKey: key.toString('base64'),
  };
  const digest = Buffer.from(md5(key), 'hex').toString('base64');
  await expectError(
    s3.send(new PutObjectCommand({ ...put, SSECustomerKeyMD5: digest })),
    'AccessDenied',
    403,
  );
});
