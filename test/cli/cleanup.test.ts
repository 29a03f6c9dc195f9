import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { MiB } from '../../lambdas/core/limits.ts';
import { type SandboxStore, startSandboxStore } from '../../local/s3/server.ts';
import { Terminal } from './terminal.ts';

const access = { AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'locallocal', AWS_REGION: 'us-east-1' };
let folder: string;
let store: SandboxStore;
let s3: S3Client;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 's3copy-cleanup-'));
  store = await startSandboxStore({ dataDirectory: join(folder, 's3') });
  const credentials = { accessKeyId: 'local', secretAccessKey: 'locallocal' };
  s3 = new S3Client({ endpoint: store.url, region: 'us-east-1', credentials, forcePathStyle: true });
  for (const Bucket of ['source', 'destination']) await s3.send(new CreateBucketCommand({ Bucket }));
});
afterAll(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

const here = (...line: string[]) =>
  new Terminal(['--local', '--data', join(folder, 'data'), '--endpoint-url', store.url, ...line], access);

async function putParts(): Promise<void> {
  const at = { Bucket: 'source', Key: 'big' };
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand(at));
  const Parts = [];
  for (const PartNumber of [1, 2]) {
    const Body = Buffer.alloc(PartNumber === 1 ? 5 * MiB : 1);
    const { ETag } = await s3.send(new UploadPartCommand({ ...at, UploadId, PartNumber, Body }));
    Parts.push({ PartNumber, ETag });
  }
  await s3.send(new CompleteMultipartUploadCommand({ ...at, UploadId, MultipartUpload: { Parts } }));
}

it('ends the uploads of a failed run, and those of others not', async () => {
  await putParts();
  const foreign = await s3.send(new CreateMultipartUploadCommand({ Bucket: 'destination', Key: 'bigger' }));
  const denial = store.rules.add({
    kind: 'fail',
    operation: 'CompleteMultipartUpload',
    bucket: 'destination',
    key: 'big',
    code: 'AccessDenied',
  });
  const failed = here('s3://source', 's3://destination', '--part-size', '5MiB', '--name', 'broken');
  expect(await failed.ended()).toMatchObject({ code: 1 });
  denial.remove();
  const open = async () =>
    (await s3.send(new ListMultipartUploadsCommand({ Bucket: 'destination' }))).Uploads ?? [];
  expect((await open()).map(({ Key }) => Key)).toEqual(['big', 'bigger']);

  const cleaned = await here('cleanup', 'broken').ended();
  expect(cleaned).toMatchObject({
    code: 0,
    stdout: 'ended 1 unfinished upload of s3://s3copy-work/runs/broken/\n',
  });
  expect((await open()).map(({ UploadId }) => UploadId)).toEqual([foreign.UploadId]);
});
