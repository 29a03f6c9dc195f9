import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { contentSize, joinContents, sliceContent } from '../src/index/blobs.ts';
import { bytes, MiB, md5 } from './conformance/bodies.ts';
import { bucket, type Sandbox, startSandbox } from './sandbox.ts';

let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.stop());

function files(): number {
  const entries = readdirSync(join(sandbox.dataDirectory, 'blobs'), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).length;
}

it('copies share their bytes on disk, which are removed with the last copy', async () => {
  const { s3 } = sandbox;
  const body = bytes(2 * MiB);
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'a', Body: body }));
  await s3.send(new CopyObjectCommand({ Bucket: bucket, Key: 'b', CopySource: `${bucket}/a` }));
  expect(files()).toBe(1);
  await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'a' }));
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: 'b' }));
  expect(md5(Buffer.from((await Body?.transformToByteArray()) ?? []))).toBe(md5(body));
  await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'b' }));
  await vi.waitFor(() => expect(files()).toBe(0));
});

it('an object that is deleted while it is being read can be read to its end', async () => {
  const { s3 } = sandbox;
  const body = bytes(8 * MiB);
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'a', Body: body }));
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: 'a' }));
  await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'a' }));
  expect(md5(Buffer.from((await Body?.transformToByteArray()) ?? []))).toBe(md5(body));
  await vi.waitFor(() => expect(files()).toBe(0));
});

it('a PutObject with a wrong Content-MD5 or a condition that fails leaves no file', async () => {
  const { s3 } = sandbox;
  const put = new PutObjectCommand({
    Bucket: bucket,
    Key: 'bad',
    Body: bytes(MiB),
    ContentMD5: md5Base64('other'),
  });
  await expect(s3.send(put)).rejects.toMatchObject({ name: 'BadDigest' });
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'there', Body: 'x' }));
  const refused = new PutObjectCommand({ Bucket: bucket, Key: 'there', Body: bytes(MiB), IfNoneMatch: '*' });
  await expect(s3.send(refused)).rejects.toMatchObject({ name: 'PreconditionFailed' });
  await vi.waitFor(() => expect(files()).toBe(0));
});

function md5Base64(text: string): string {
  return Buffer.from(md5(text), 'hex').toString('base64');
}

it('two slices of a content can be joined to the content again', () => {
  const content = [
    { blob: 1, offset: 10, length: 5 },
    { blob: 2, offset: 0, length: 7 },
  ];
  expect(sliceContent(content, 3, 6)).toEqual([
    { blob: 1, offset: 13, length: 2 },
    { blob: 2, offset: 0, length: 2 },
  ]);
  for (let cut = 1; cut < 12; cut++) {
    const [left, right] = [sliceContent(content, 0, cut - 1), sliceContent(content, cut, 11)];
    expect(contentSize(left)).toBe(cut);
    expect(joinContents([left, right])).toEqual(content);
  }
});
