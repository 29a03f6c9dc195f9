import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  UploadPartCopyCommand,
  type UploadPartCopyCommandInput,
} from '@aws-sdk/client-s3';
import { expect } from 'vitest';
import { bytes, MiB, md5, multipartEtag } from './bodies.ts';
import { expectError } from './expectations.ts';
import { fact, startJudge, type World } from './fact.ts';
import { sources } from './sources.ts';

startJudge();

const body = bytes(12 * MiB + 5);

async function putSource({ s3, bucket }: World): Promise<string> {
  const put = {
    Bucket: bucket,
    Key: 'source',
    Body: body,
    Metadata: { from: 'source' },
  };
  return (await s3.send(new PutObjectCommand(put))).ETag ?? '';
}

async function startUpload({ s3, bucket }: World, key: string): Promise<string> {
  return (await s3.send(new CreateMultipartUploadCommand({ Bucket: bucket, Key: key }))).UploadId ?? '';
}

function copyPart(
  { s3, bucket }: World,
  key: string,
  upload: string,
  input: Partial<UploadPartCopyCommandInput>,
) {
  const command = {
    Bucket: bucket,
    Key: key,
    UploadId: upload,
    PartNumber: 1,
    CopySource: `${bucket}/source`,
    ...input,
  };
  return s3.send(new UploadPartCopyCommand(command));
}

fact('UploadPartCopy copies ranges, and returns the MD5 of each', sources.partCopy, async (world) => {
  await putSource(world);
  const upload = await startUpload(world, 'ranged');
  const pieces = [body.subarray(0, 6 * MiB), body.subarray(6 * MiB)];
  const ranges = [`bytes=0-${6 * MiB - 1}`, `bytes=${6 * MiB}-${body.length - 1}`];
  const parts = [];
  for (const [index, CopySourceRange] of ranges.entries()) {
    const copied = await copyPart(world, 'ranged', upload, { PartNumber: index + 1, CopySourceRange });
    expect(copied.CopyPartResult?.ETag).toBe(`"${md5(pieces[index] ?? '')}"`);
    parts.push({ PartNumber: index + 1, ETag: copied.CopyPartResult?.ETag });
  }
  const complete = {
    Bucket: world.bucket,
    Key: 'ranged',
    UploadId: upload,
    MultipartUpload: { Parts: parts },
  };
  const completed = await world.s3.send(new CompleteMultipartUploadCommand(complete));
  expect(completed.ETag).toBe(multipartEtag(pieces));
  const read = await world.s3.send(new GetObjectCommand({ Bucket: world.bucket, Key: 'ranged' }));
  expect(md5(Buffer.from((await read.Body?.transformToByteArray()) ?? []))).toBe(md5(body));
});

fact('a multipart copy does not have the metadata of its source', sources.partCopy, async (world) => {
  await putSource(world);
  const upload = await startUpload(world, 'bare');
  const copied = await copyPart(world, 'bare', upload, {});
  expect(copied.CopyPartResult?.ETag).toBe(`"${md5(body)}"`);
  const parts = [{ PartNumber: 1, ETag: copied.CopyPartResult?.ETag }];
  const address = { Bucket: world.bucket, Key: 'bare' };
  await world.s3.send(
    new CompleteMultipartUploadCommand({ ...address, UploadId: upload, MultipartUpload: { Parts: parts } }),
  );
  const head = await world.s3.send(new HeadObjectCommand(address));
  expect([head.Metadata ?? {}, head.ContentType]).toEqual([{}, 'binary/octet-stream']);
});

fact('UploadPartCopy refuses a range that ends after the source', sources.partCopy, async (world) => {
  await putSource(world);
  const upload = await startUpload(world, 'beyond');
  const beyond = { CopySourceRange: `bytes=0-${body.length}` };
  await expectError(copyPart(world, 'beyond', upload, beyond), 'InvalidArgument', 400);
});

fact('UploadPartCopy accepts a range only in the form bytes=first-last', sources.partCopy, async (world) => {
  await putSource(world);
  const upload = await startUpload(world, 'forms');
  for (const CopySourceRange of ['bytes=0-', 'bytes=-5', '0-5', 'bytes=5-2', 'bytes=0-1,3-4', 'bytes 0-5']) {
    await expectError(copyPart(world, 'forms', upload, { CopySourceRange }), 'InvalidArgument', 400);
  }
});

fact('UploadPartCopy refuses a range of a source of up to 5 MiB', sources.partCopy, async (world) => {
  const { s3, bucket } = world;
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'small', Body: 'a small source' }));
  const upload = await startUpload(world, 'from-small');
  const ranged = { CopySource: `${bucket}/small`, CopySourceRange: 'bytes=0-3' };
  await expectError(copyPart(world, 'from-small', upload, ranged), 'InvalidRequest', 400);
  await copyPart(world, 'from-small', upload, { CopySource: `${bucket}/small` });
});

fact('UploadPartCopy checks conditions on the source', sources.partCopy, async (world) => {
  const etag = await putSource(world);
  const upload = await startUpload(world, 'conditional');
  await copyPart(world, 'conditional', upload, { CopySourceIfMatch: etag });
  await expectError(
    copyPart(world, 'conditional', upload, { CopySourceIfMatch: `"${md5('x')}"` }),
    'PreconditionFailed',
    412,
  );
  await expectError(
    copyPart(world, 'conditional', upload, { CopySourceIfNoneMatch: etag }),
    'PreconditionFailed',
    412,
  );
});

fact(
  'UploadPartCopy answers NoSuchKey for a missing source, and NoSuchUpload for a missing upload',
  sources.partCopy,
  async (world) => {
    await putSource(world);
    const upload = await startUpload(world, 'missing');
    await expectError(
      copyPart(world, 'missing', upload, { CopySource: `${world.bucket}/nothing` }),
      'NoSuchKey',
      404,
    );
    await expectError(copyPart(world, 'missing', 'bm8tc3VjaC11cGxvYWQ', {}), 'NoSuchUpload', 404);
  },
);
