import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { type SandboxStore, startSandboxStore } from 'sandbox-s3/server';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { MiB } from '../../core/model/limits.ts';
import { uploadInParts } from '../support/uploads.ts';
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
  await uploadInParts(s3, { Bucket, Key }, [Buffer.alloc(5 * MiB, Key), Buffer.alloc(1, Key)]);
}

const keys = async (Bucket: string) =>
  ((await s3.send(new ListObjectsV2Command({ Bucket }))).Contents ?? []).map(({ Key }) => Key);

const versions = async (Bucket: string, Prefix: string) =>
  (await s3.send(new ListObjectVersionsCommand({ Bucket, Prefix }))).Versions ?? [];

const uploads = async (Bucket: string) =>
  ((await s3.send(new ListMultipartUploadsCommand({ Bucket }))).Uploads ?? []).map(
    ({ UploadId }) => UploadId,
  );

const copy = (source: string, destination: string, name: string, ...flags: string[]) =>
  here(`s3://${source}`, `s3://${destination}`, '--part-size', '5MiB', '--name', name, ...flags).ended();

const open = async (Bucket: string, Key: string) =>
  (await s3.send(new CreateMultipartUploadCommand({ Bucket, Key }))).UploadId;

const refuseToPublish = (bucket: string, ...keys: string[]) => {
  const operation = 'CompleteMultipartUpload';
  const rules = keys.map((key) =>
    store.rules.add({ kind: 'fail', operation, bucket, key, code: 'AccessDenied' }),
  );
  return { remove: () => rules.forEach((rule) => void rule.remove()) };
};

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
  const what = '1 unfinished upload and 5 part files (10.0 MiB)';
  const again = `s3copy cleanup broken --local --data ${join(folderOfAll, 'data')} --endpoint-url ${store.url} --yes`;
  expect(told).toMatchObject({
    code: 0,
    stdout:
      `would end the upload of s3://${destination}/big\n` +
      `would remove 5 part files (10.0 MiB) below s3://${destination}/${folder}/\n` +
      `${what} are left of this run; to end and remove them: ${again}\n`,
  });
  expect(await keys(destination)).toEqual([...before, ...ordinary].sort());
  expect(await uploads(destination)).toHaveLength(2);

  expect(await here('cleanup', 'broken', '-n', '--yes').ended()).toEqual(told);
  expect(await keys(destination)).toEqual([...before, ...ordinary].sort());
  expect(await uploads(destination)).toHaveLength(2);

  const done = await here('cleanup', 'broken', '--yes').ended();
  expect(done).toMatchObject({ code: 0, stderr: '' });
  expect(done.stdout).toContain(`ended and removed ${what}\n`);
  expect(await keys(destination)).toEqual([...ordinary].sort());
  expect(await uploads(destination)).toEqual([foreign.UploadId]);
  expect((await here('cleanup', 'broken', '--yes').ended()).stdout).toBe('nothing is left of this run\n');
});

it('removes by version id all part files of a copy that is done, and the copy stays unchanged', async () => {
  const [source, destination] = await buckets('done');
  const VersioningConfiguration = { Status: 'Enabled' } as const;
  await s3.send(new PutBucketVersioningCommand({ Bucket: destination, VersioningConfiguration }));
  await putParts(source, 'odd\u0001key');
  expect(await copy(source, destination, 'first')).toMatchObject({ code: 0 });
  const parts = (await keys(destination)).filter((key) => key?.includes('/parts/'));
  expect(parts).toHaveLength(4);

  expect(await here('cleanup', 'first', '--yes').ended()).toMatchObject({ code: 0, stderr: '' });
  expect(await versions(destination, 'temp/')).toEqual([]);
  const unchanged = await here(`s3://${source}`, `s3://${destination}`, '--part-size', '5MiB').ended();
  expect(unchanged.stdout).toContain('nothing to copy, 1 unchanged');
});

it.each([
  { strategy: 'staged', why: 'which makes part files of its own' },
  { strategy: 'direct', why: 'which makes none itself' },
])('leaves nothing that a $strategy copy of the copy meets, $why', async ({ strategy }) => {
  const [source, destination] = await buckets(`chain-${strategy}`);
  const [next] = await buckets(`chain-${strategy}-next`);
  await putParts(source);
  expect(await copy(source, destination, `chain-${strategy}`)).toMatchObject({ code: 0 });
  expect(await here('cleanup', `chain-${strategy}`, '--yes').ended()).toMatchObject({ code: 0 });

  expect(await keys(destination)).toEqual(['big']);
  const ended = await copy(destination, next, `chain-${strategy}-2`, '--strategy', strategy);
  expect(ended).toMatchObject({ code: 0 });
  expect(ended.stdout).not.toContain('part files are not data');
});

it('removes the records of part files that are gone, as earlier versions left them', async () => {
  const [source, destination] = await buckets('records');
  await putParts(source);
  expect(await copy(source, destination, 'records')).toMatchObject({ code: 0 });
  const parts = (await keys(destination)).filter((key) => key?.includes('/parts/'));
  for (const Key of parts) await s3.send(new DeleteObjectCommand({ Bucket: destination, Key }));

  expect((await here('cleanup', 'records').ended()).stdout).toContain('2 part files');
  expect(await here('cleanup', 'records', '--yes').ended()).toMatchObject({ code: 0 });
  expect(await keys(destination)).toEqual(['big']);
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
  expect((await here('cleanup', 'guest', '--yes').ended()).stdout).toContain('6 part files');
  expect(await parts()).toBe(0);
});

it('ends uploads of part files in the folders of the run, and in no other', async () => {
  const [source, destination] = await buckets('folders');
  const long = `k/${'x'.repeat(1_000)}`;
  await putParts(source, 'a');
  await putParts(source, long);
  const refusal = refuseToPublish(destination, 'a', long);
  expect(await copy(source, destination, 'of-folders')).toMatchObject({ code: 1 });
  refusal.remove();
  const folders = (await keys(destination)).flatMap((key) => key?.match(/^(.*)\/layout\.json$/)?.[1] ?? []);
  expect(folders).toEqual([
    expect.stringMatching(/^temp\/\.long\//),
    expect.stringMatching(/^temp\/a\/[0-9a-f]{7}$/),
  ]);
  for (const folder of folders) await open(destination, `${folder}/parts/temp-00001`);
  const others = await Promise.all(
    ['temp/a/7654321/parts/temp-00001', 'temp/a/b/abcdefg/parts/temp-00001', `${folders[1]}/parts/notes`].map(
      (key) => open(destination, key),
    ),
  );
  await open(destination, `${folders[1]}/parts/temp-00002`);
  const page = store.rules.add({ kind: 'short-page', operation: 'ListMultipartUploads', entries: 1 });
  const told = await here('cleanup', 'of-folders', '--yes').ended();
  page.remove();
  expect(told).toMatchObject({ code: 0, stderr: '' });
  expect(told.stdout).toContain('ended and removed 5 unfinished uploads and 10 part files');
  expect((await uploads(destination)).sort()).toEqual(others.sort());
});

it('ends what the run has lost, and nothing that others opened on the same key', async () => {
  const [source, destination] = await buckets('lost');
  await putParts(source, 'a');
  const before = await open(destination, 'a');
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const at = { bucket: destination, key: 'a' };
  const rules = [
    refuseToPublish(destination, 'a'),
    store.rules.add({ kind: 'reset', operation: 'CreateMultipartUpload', when: 'after', times: 1, ...at }),
    store.rules.add({ kind: 'deny', action: 's3:ListBucketMultipartUploads', bucket: destination }),
  ];
  expect(await copy(source, destination, 'loser', '--strategy', 'direct')).toMatchObject({ code: 1 });
  for (const rule of rules) rule.remove();
  const recorded = await open(destination, 'a');
  expect(await uploads(destination)).toHaveLength(4);
  const folder = `runs/other/uploads/${createHash('sha256').update('a').digest('hex')}`;
  const another = (Body: object) =>
    s3.send(
      new PutObjectCommand({
        Bucket: 's3copy-work',
        Key: `${folder}/layout.json`,
        Body: JSON.stringify(Body),
      }),
    );

  await another({ key: 'a', bucket: destination, isOpen: true });
  const page = store.rules.add({ kind: 'short-page', operation: 'ListMultipartUploads', entries: 1 });
  const careful = await here('cleanup', 'loser').ended();
  expect(careful.stdout).toContain('1 unfinished upload and 0 part files (0 B) are left of this run');
  await another({ key: 'a', uploadId: recorded });
  expect((await here('cleanup', 'loser', '--yes').ended()).stdout).toContain('2 unfinished uploads');
  page.remove();
  expect((await uploads(destination)).sort()).toEqual([before, recorded].sort());
});

it('leaves what the same role opened on a key of which the run has lost nothing', async () => {
  const [source, destination] = await buckets('certain');
  await putParts(source, 'a');
  const refusal = refuseToPublish(destination, 'a');
  expect(await copy(source, destination, 'certain', '--strategy', 'direct')).toMatchObject({ code: 1 });
  refusal.remove();
  const foreign = await open(destination, 'a');
  expect((await here('cleanup', 'certain', '--yes').ended()).stdout).toContain('1 unfinished upload');
  expect(await uploads(destination)).toEqual([foreign]);
});

it('names the owner that the run expects in every request to the destination', async () => {
  const [source, destination] = await buckets('owned');
  await putParts(source, 'a');
  const refusal = refuseToPublish(destination, 'a');
  const owner = ['--dest-owner', '000000000000'];
  expect(await copy(source, destination, 'owned', ...owner)).toMatchObject({ code: 1 });
  refusal.remove();
  const folder = (await keys(destination))[0]?.replace('/layout.json', '');
  await open(destination, `${folder}/parts/temp-00001`);
  const recording = store.requests.record();
  expect(await here('cleanup', 'owned', '--yes').ended()).toMatchObject({ code: 0 });
  recording.stop();
  const asked = recording.requests.filter(({ bucket }) => bucket === destination);
  expect(new Set(asked.map(({ operation }) => operation))).toEqual(
    new Set([
      'AbortMultipartUpload',
      'DeleteObjects',
      'GetObject',
      'ListMultipartUploads',
      'ListObjectVersions',
      'ListObjectsV2',
    ]),
  );
  expect(asked.filter((request) => request.owner !== '000000000000')).toEqual([]);
});

it('leaves the part files that another run has made another target of', async () => {
  const [source, destination] = await buckets('siblings');
  await putParts(source, 'a');
  const copyTo = (folder: string, name: string) =>
    here(`s3://${source}`, `s3://${destination}/${folder}`, '--part-size', '5MiB', '--name', name).ended();
  expect(await copyTo('one', 'sibling-one')).toMatchObject({ code: 0 });
  expect(await copyTo('two', 'sibling-two')).toMatchObject({ code: 0 });
  const files = (await keys(destination)).filter((key) => key?.startsWith('temp/'));
  expect(files).toHaveLength(2 + 4);
  expect((await here('cleanup', 'sibling-one', '--yes').ended()).stdout).toBe(
    'nothing is left of this run\n',
  );
  expect((await keys(destination)).filter((key) => key?.startsWith('temp/'))).toEqual(files);
  expect((await here('cleanup', 'sibling-two', '--yes').ended()).stdout).toContain('6 part files');
});
