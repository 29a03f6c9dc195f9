import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bytes, MiB } from './conformance/bodies.ts';
import { bucket, type Sandbox, startSandbox } from './sandbox.ts';

let sandbox: Sandbox;
const piece = bytes(64 * MiB);

beforeAll(async () => {
  sandbox = await startSandbox();
  await sandbox.s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'piece', Body: piece }));
});
afterAll(() => sandbox.stop());

/** Creates an object from copies of `piece`. The copies refer to the bytes of `piece`, so none are written. */
async function compose(Key: string, count: number): Promise<void> {
  const { s3 } = sandbox;
  const address = { Bucket: bucket, Key };
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand(address));
  const parts = [];
  for (let PartNumber = 1; PartNumber <= count; PartNumber++) {
    const copy = { ...address, UploadId, PartNumber, CopySource: `${bucket}/piece` };
    const { CopyPartResult } = await s3.send(new UploadPartCopyCommand(copy));
    parts.push({ PartNumber, ETag: CopyPartResult?.ETag });
  }
  await s3.send(
    new CompleteMultipartUploadCommand({ ...address, UploadId, MultipartUpload: { Parts: parts } }),
  );
}

it('CopyObject refuses a source of more than 5 GiB with the message of S3', async () => {
  const { s3 } = sandbox;
  await compose('above', 81);
  expect((await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: 'above' }))).ContentLength).toBe(
    81 * 64 * MiB,
  );
  await expect(
    s3.send(new CopyObjectCommand({ Bucket: bucket, Key: 'copy', CopySource: `${bucket}/above` })),
  ).rejects.toMatchObject({
    name: 'InvalidRequest',
    message:
      'The specified copy source is larger than the maximum allowable size for a copy source: 5368709120',
  });
});

it('a range of an object of several GiB can be read', async () => {
  await compose('many', 100);
  const at = 70 * 64 * MiB + 12_345;
  const { Body } = await sandbox.s3.send(
    new GetObjectCommand({ Bucket: bucket, Key: 'many', Range: `bytes=${at}-${at + 9}` }),
  );
  expect(Buffer.from((await Body?.transformToByteArray()) ?? [])).toEqual(piece.subarray(12_345, 12_355));
});

it('a range across two parts contains the bytes of both', async () => {
  const at = 64 * MiB - 5;
  const { Body } = await sandbox.s3.send(
    new GetObjectCommand({ Bucket: bucket, Key: 'many', Range: `bytes=${at}-${at + 9}` }),
  );
  const expected = Buffer.concat([piece.subarray(-5), piece.subarray(0, 5)]);
  expect(Buffer.from((await Body?.transformToByteArray()) ?? [])).toEqual(expected);
});

it('UploadPartCopy refuses to copy more than 5 GiB', async () => {
  const { s3 } = sandbox;
  const address = { Bucket: bucket, Key: 'one-part' };
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand(address));
  const copy = { ...address, UploadId, PartNumber: 1, CopySource: `${bucket}/many` };
  await expect(s3.send(new UploadPartCopyCommand(copy))).rejects.toMatchObject({ name: 'InvalidRequest' });
});

it('PutObject refuses a body of more than 5 GiB before the body is sent', async () => {
  const put = new PutObjectCommand({
    Bucket: bucket,
    Key: 'k',
    Body: 'x',
    ContentLength: 5 * 1024 * MiB + 1,
  });
  await expect(sandbox.s3.send(put)).rejects.toMatchObject({ name: 'EntityTooLarge' });
});
