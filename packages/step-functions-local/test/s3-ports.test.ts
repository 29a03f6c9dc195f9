import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { type SandboxStore, startSandboxStore } from 'sandbox-s3/server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ListedObject } from '../src/map-run/ports.ts';
import { createS3Ports } from '../src/s3/s3-ports.ts';
import { distributed, Harness, machine } from './support/harness.ts';

const credentials = { accessKeyId: 'local', secretAccessKey: 'locallocal' };
const directory = mkdtempSync(join(tmpdir(), 's3copy-ports-'));
let store: SandboxStore;
let client: S3Client;
const settings = () => ({ endpoint: store.url, region: 'us-east-1', credentials });

beforeAll(async () => {
  store = await startSandboxStore({ dataDirectory: directory });
  client = new S3Client({ ...settings(), forcePathStyle: true });
  await client.send(new CreateBucketCommand({ Bucket: 'work' }));
});
afterAll(async () => {
  client.destroy();
  await store.close();
  rmSync(directory, { recursive: true });
});
const put = (Key: string, Body = 'x') => client.send(new PutObjectCommand({ Bucket: 'work', Key, Body }));

describe('a distributed map on S3', () => {
  it('a Distributed Map lists every page of a prefix, with decoded keys', async () => {
    const keys = [
      'a b+c%2B',
      'line\nbreak',
      'ü/✓',
      ...Array.from({ length: 1_020 }, (_, n) => `n/${String(n).padStart(4, '0')}`),
    ];
    for (let start = 0; start < keys.length; start += 100)
      await Promise.all(keys.slice(start, start + 100).map((key) => put(`many/${key}`)));
    const ports = createS3Ports(settings());
    const listed: ListedObject[] = [];
    for await (const page of ports.listObjects('work', 'many/', new AbortController().signal))
      listed.push(...page);
    ports.close();
    expect(new Set(listed.map(({ Key }) => Key))).toEqual(new Set(keys.map((key) => `many/${key}`)));
    expect(listed[0]).toEqual({
      Etag: expect.stringMatching(/^"[0-9a-f]{32}"$/),
      Key: 'many/a b+c%2B',
      LastModified: expect.any(Number),
      Size: 1,
      StorageClass: 'STANDARD',
    });
  });

  it('a Distributed Map lists the same keys on a server that does not encode them', async () => {
    for (const key of ['100%', 'a+b', 'a%2Bb']) await put(`plain/${key}`);
    const rule = store.rules.add({ kind: 'ignore-parameter', parameter: 'encoding-type' });
    const ports = createS3Ports(settings());
    const listed: ListedObject[] = [];
    for await (const page of ports.listObjects('work', 'plain/', new AbortController().signal))
      listed.push(...page);
    ports.close();
    rule.remove();
    expect(listed.map(({ Key }) => Key)).toEqual(['plain/100%', 'plain/a%2Bb', 'plain/a+b']);
  });

  it('a Distributed Map reads its items from S3 and writes its results to S3', async () => {
    await Promise.all(['orders/a', 'orders/b'].map((key) => put(key)));
    const ports = createS3Ports(settings());
    const ResultWriter = {
      Resource: 'arn:aws:states:::s3:putObject',
      Arguments: { Bucket: 'work', Prefix: 'out' },
    };
    await using harness = new Harness(
      machine({ M: distributed({ I: { Type: 'Succeed' } }, { ResultWriter }) }),
      {},
      { itemSource: ports, resultSink: ports },
    );
    const end = await harness.run();
    const { ResultWriterDetails } = JSON.parse(end.output ?? '') as {
      ResultWriterDetails: { Bucket: string; Key: string };
    };
    const manifest = await client.send(new GetObjectCommand(ResultWriterDetails));
    expect(JSON.parse((await manifest.Body?.transformToString()) ?? '')).toMatchObject({
      ResultFiles: { SUCCEEDED: [{ Key: expect.stringContaining('SUCCEEDED_0.json') }] },
    });
    ports.close();
  });

  it('a Distributed Map fails with the name of the bucket when the bucket does not exist', async () => {
    const ports = createS3Ports(settings());
    const ItemReader = { Resource: 'arn:aws:states:::s3:listObjectsV2', Arguments: { Bucket: 'nowhere' } };
    await using harness = new Harness(
      machine({ M: distributed({ I: { Type: 'Succeed' } }, { ItemReader }) }),
      {},
      { itemSource: ports, resultSink: ports },
    );
    expect(await harness.run()).toMatchObject({
      error: 'States.ItemReaderFailed',
      cause: expect.stringContaining('NoSuchBucket'),
    });
    ports.close();
  });
});
