import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { MiB } from '../../lambdas/core/limits.ts';
import { type SandboxStore, startSandboxStore } from '../../local/s3/server.ts';
import { Terminal } from './terminal.ts';

const access = { AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'locallocal', AWS_REGION: 'us-east-1' };
let folderOfAll: string;
let store: SandboxStore;
let s3: S3Client;

beforeAll(async () => {
  folderOfAll = await mkdtemp(join(tmpdir(), 's3copy-cleanup-'));
  store = await startSandboxStore({ dataDirectory: join(folderOfAll, 's3') });
  const credentials = { accessKeyId: 'local', secretAccessKey: 'locallocal' };
  s3 = new S3Client({ endpoint: store.url, region: 'us-east-1', credentials, forcePathStyle: true });
});
afterAll(async () => {
  await store.close();
  await rm(folderOfAll, { recursive: true });
});

const here = (...line: string[]) =>
  new Terminal(
    ['--local', '--data', join(folderOfAll, 'data'), '--endpoint-url', store.url, ...line],
    access,
  );

async function putParts(Bucket: string, Key = 'big'): Promise<void> {
  const at = { Bucket, Key };
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand(at));
  const Parts = [];
  for (const PartNumber of [1, 2]) {
    const Body = Buffer.alloc(PartNumber === 1 ? 5 * MiB : 1, Key);
    const { ETag } = await s3.send(new UploadPartCommand({ ...at, UploadId, PartNumber, Body }));
    Parts.push({ PartNumber, ETag });
  }
  await s3.send(new CompleteMultipartUploadCommand({ ...at, UploadId, MultipartUpload: { Parts } }));
}

const keys = async (Bucket: string) =>
  ((await s3.send(new ListObjectsV2Command({ Bucket }))).Contents ?? []).map(({ Key }) => Key);

const versions = async (Bucket: string, Prefix: string) =>
  (await s3.send(new ListObjectVersionsCommand({ Bucket, Prefix }))).Versions ?? [];

const uploads = async (Bucket: string) =>
  ((await s3.send(new ListMultipartUploadsCommand({ Bucket }))).Uploads ?? []).map(
    ({ UploadId }) => UploadId,
  );

const copy = (source: string, destination: string, name: string) =>
  here(`s3://${source}`, `s3://${destination}`, '--part-size', '5MiB', '--name', name).ended();

async function buckets(name: string): Promise<[string, string]> {
  const [source, destination] = [`${name}-source`, `${name}-destination`];
  for (const Bucket of [source, destination]) await s3.send(new CreateBucketCommand({ Bucket }));
  return [source, destination];
}

it('says what a failed run has left, and removes it when told to, but nothing else', async () => {
  const [source, destination] = await buckets('failed');
  await putParts(source);
  const foreign = await s3.send(new CreateMultipartUploadCommand({ Bucket: destination, Key: 'bigger' }));
  const refusal = store.rules.add({
    kind: 'fail',
    operation: 'CompleteMultipartUpload',
    bucket: destination,
    key: 'big',
    code: 'AccessDenied',
  });
  expect(await copy(source, destination, 'broken')).toMatchObject({ code: 1 });
  refusal.remove();
  const before = await keys(destination);
  const folder = before[0]?.replace('/layout.json', '') ?? '';
  const ordinary = [`${folder}/parts/notes`, `${folder}/layout.json.bak`, 'temp/big/other'];
  for (const Key of ordinary) await s3.send(new PutObjectCommand({ Bucket: destination, Key, Body: 'x' }));
  expect(await uploads(destination)).toHaveLength(2);

  const told = await here('cleanup', 'broken').ended();
  const what = '1 unfinished upload and 4 part files (10.0 MiB)';
  const again = `s3copy cleanup broken --local --data ${join(folderOfAll, 'data')} --endpoint-url ${store.url} --yes`;
  expect(told).toMatchObject({
    code: 0,
    stdout:
      `would end the upload of s3://${destination}/big\n` +
      `would remove 4 part files (10.0 MiB) below s3://${destination}/${folder}/\n` +
      `${what} are left of this run; to end and remove them: ${again}\n`,
  });
  expect(await keys(destination)).toEqual([...before, ...ordinary].sort());
  expect(await uploads(destination)).toHaveLength(2);

  const done = await here('cleanup', 'broken', '--yes').ended();
  expect(done).toMatchObject({ code: 0, stderr: '' });
  expect(done.stdout).toContain(`ended and removed ${what}\n`);
  expect(await keys(destination)).toEqual([...ordinary].sort());
  expect(await uploads(destination)).toEqual([foreign.UploadId]);
  expect((await here('cleanup', 'broken', '--yes').ended()).stdout).toBe('nothing is left of this run\n');
});

it('removes by version id the part files whose target is verified, and leaves what tells of it', async () => {
  const [source, destination] = await buckets('done');
  const VersioningConfiguration = { Status: 'Enabled' } as const;
  await s3.send(new PutBucketVersioningCommand({ Bucket: destination, VersioningConfiguration }));
  await putParts(source, 'odd\u0001key');
  expect(await copy(source, destination, 'first')).toMatchObject({ code: 0 });
  const parts = (await keys(destination)).filter((key) => key?.includes('/parts/'));
  expect(parts).toHaveLength(4);

  expect(await here('cleanup', 'first', '--yes').ended()).toMatchObject({ code: 0, stderr: '' });
  const left = (await versions(destination, 'temp/')).map(({ Key }) => Key?.split('/').at(-1));
  expect(left).toEqual(['layout.json', 'target.json']);
  const unchanged = await here(`s3://${source}`, `s3://${destination}`, '--part-size', '5MiB').ended();
  expect(unchanged.stdout).toContain('nothing to copy, 1 unchanged');
});

it('leaves part files that another run wrote, unless their target is verified', async () => {
  const [source, destination] = await buckets('shared');
  await putParts(source, 'a');
  const refusal = store.rules.add({
    kind: 'fail',
    operation: 'CompleteMultipartUpload',
    bucket: destination,
    key: 'a',
    code: 'AccessDenied',
  });
  expect(await copy(source, destination, 'writer')).toMatchObject({ code: 1 });
  expect(await copy(source, destination, 'guest')).toMatchObject({ code: 1 });
  const parts = async () => (await keys(destination)).filter((key) => key?.includes('/parts/')).length;
  const told = (await here('cleanup', 'guest', '--yes').ended()).stdout;
  expect(told).toContain('ended and removed 1 unfinished upload and 0 part files');
  expect(await parts()).toBe(4);

  refusal.remove();
  expect(await here('redrive', 'guest').ended()).toMatchObject({ code: 0 });
  await s3.send(new PutObjectCommand({ Bucket: destination, Key: 'a', Body: 'of somebody else' }));
  expect((await here('cleanup', 'guest').ended()).stdout).toBe('nothing is left of this run\n');
  await s3.send(new DeleteObjectCommand({ Bucket: destination, Key: 'a' }));
  expect(await copy(source, destination, 'again')).toMatchObject({ code: 0 });
  expect((await here('cleanup', 'guest', '--yes').ended()).stdout).toContain('4 part files');
  expect(await parts()).toBe(0);
});
