import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type SandboxStore, startSandboxStore } from '../src/server.ts';

let folder: string;
let store: SandboxStore;
let s3: S3Client;
const at = { Bucket: 'bucket', Key: 'key' };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 's3copy-conflicts-'));
  store = await startSandboxStore({ dataDirectory: folder });
  s3 = new S3Client({
    endpoint: store.url,
    region: 'us-east-1',
    forcePathStyle: true,
    maxAttempts: 1,
    credentials: { accessKeyId: 'local', secretAccessKey: 'locallocal' },
    requestChecksumCalculation: 'WHEN_REQUIRED',
  });
  await s3.send(new CreateBucketCommand({ Bucket: at.Bucket }));
});
afterAll(async () => {
  s3.destroy();
  await store.close();
  await rm(folder, { recursive: true });
});

/** Sends a PutObject, and calls `meanwhile` between the first and the second half of its body. */
async function putAround(condition: object, meanwhile: () => Promise<unknown>): Promise<unknown> {
  const arrived = Promise.withResolvers<void>();
  const body = Readable.from(
    (async function* () {
      yield Buffer.from('first ');
      await arrived.promise;
      await meanwhile();
      yield Buffer.from('second');
    })(),
  );
  const hook = store.rules.hook({ operation: 'PutObject', bucket: at.Bucket }, () => arrived.resolve());
  try {
    return await s3.send(new PutObjectCommand({ ...at, ...condition, Body: body, ContentLength: 12 }));
  } finally {
    hook.remove();
  }
}

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html (read 2026-11-22)
it('PutObject with If-None-Match gets 409 and writes nothing if the key is deleted while the body is sent', async () => {
  await s3.send(new DeleteObjectCommand(at));
  const write = putAround({ IfNoneMatch: '*' }, async () => {
    await s3.send(new PutObjectCommand({ ...at, Body: 'between' }));
    await s3.send(new DeleteObjectCommand(at));
  });
  await expect(write).rejects.toMatchObject({
    name: 'ConditionalRequestConflict',
    $metadata: { httpStatusCode: 409 },
  });
  await expect(s3.send(new GetObjectCommand(at))).rejects.toMatchObject({ name: 'NoSuchKey' });
});

it('PutObject with If-Match gets 404 and writes nothing if the key is deleted while the body is sent', async () => {
  const { ETag } = await s3.send(new PutObjectCommand({ ...at, Body: 'before' }));
  const write = putAround({ IfMatch: ETag }, () => s3.send(new DeleteObjectCommand(at)));
  await expect(write).rejects.toMatchObject({ name: 'NoSuchKey', $metadata: { httpStatusCode: 404 } });
  await expect(s3.send(new GetObjectCommand(at))).rejects.toMatchObject({ name: 'NoSuchKey' });
});

it('PutObject without a condition succeeds if the key is deleted while the body is sent', async () => {
  await s3.send(new PutObjectCommand({ ...at, Body: 'before' }));
  await putAround({}, () => s3.send(new DeleteObjectCommand(at)));
  const { Body } = await s3.send(new GetObjectCommand(at));
  expect(await Body?.transformToString()).toBe('first second');
});
