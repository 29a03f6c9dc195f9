import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ChildStore, startChildStore } from './child-store.ts';
import { bytes, MiB } from './conformance/bodies.ts';
import { bucket, local, makeClient } from './sandbox.ts';

/** Size of the object in MiB. It is larger than the memory that the store may use. */
const size = 640;
/** Node alone needs about 100 MiB, and frees network buffers only when it collects garbage. */
const mostRss = 384 * MiB;
const piece = bytes(MiB);

let folder: string;
let store: ChildStore;
let s3: S3Client;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'store-memory-'));
  store = await startChildStore(folder);
  s3 = makeClient(store.url, local);
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
});
afterAll(async () => {
  s3.destroy();
  await store.stop();
  rmSync(folder, { recursive: true, force: true });
});

function* pieces(): Generator<Buffer> {
  for (let sent = 0; sent < size; sent += 1) yield piece;
}

async function readMd5(Key: string): Promise<string> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key }));
  const hash = createHash('md5');
  for await (const chunk of Body as Readable) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

it('the store receives, copies and returns an object that is larger than the memory it uses', async () => {
  const hash = createHash('md5');
  for (const each of pieces()) hash.update(each);
  const expected = hash.digest('hex');
  const put = { Bucket: bucket, Key: 'large', Body: Readable.from(pieces()), ContentLength: size * MiB };
  expect((await s3.send(new PutObjectCommand(put))).ETag).toBe(`"${expected}"`);
  // With another checksum algorithm than that of the source, the copy must read the bytes.
  const copy = { Bucket: bucket, Key: 'copy', CopySource: `${bucket}/large` };
  await s3.send(new CopyObjectCommand({ ...copy, ChecksumAlgorithm: 'SHA256' }));
  const address = { Bucket: bucket, Key: 'parts' };
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand(address));
  const CopySourceRange = `bytes=1-${size * MiB - 1}`;
  const part = { ...address, UploadId, PartNumber: 1, CopySource: copy.CopySource, CopySourceRange };
  const { CopyPartResult } = await s3.send(new UploadPartCopyCommand(part));
  const MultipartUpload = { Parts: [{ PartNumber: 1, ETag: CopyPartResult?.ETag }] };
  await s3.send(new CompleteMultipartUploadCommand({ ...address, UploadId, MultipartUpload }));
  for (const key of ['large', 'copy']) expect(await readMd5(key), key).toBe(expected);
  expect(await store.maxRss()).toBeLessThan(mostRss);
}, 120_000);
