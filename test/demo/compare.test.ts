import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { type SandboxStore, startSandboxStore } from 'sandbox-s3/server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { utf8Length } from '../../core/model/bytes.ts';
import { MiB } from '../../core/model/limits.ts';
import { compareBuckets } from '../../demo/compare.ts';
import { type DemoObject, demoTree } from '../../demo/tree.ts';
import { uploadAll } from '../../demo/upload.ts';

let folder: string;
let store: SandboxStore;
let s3: S3Client;
let buckets = 0;

/** Creates a bucket with these objects. */
async function bucketOf(objects: readonly DemoObject[]): Promise<string> {
  buckets += 1;
  const Bucket = `bucket-${buckets}`;
  await s3.send(new CreateBucketCommand({ Bucket }));
  await uploadAll(s3, Bucket, objects);
  return Bucket;
}

const object = (key: string, body = 'same', more: Partial<DemoObject> = {}): DemoObject => ({
  key,
  body: Buffer.from(body),
  ...more,
});

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 's3copy-demo-test-'));
  store = await startSandboxStore({ dataDirectory: folder });
  s3 = new S3Client({
    endpoint: store.url,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'local', secretAccessKey: 'locallocal' },
  });
});

afterAll(async () => {
  s3.destroy();
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

describe('the comparison of the demo', () => {
  it.each([
    { why: 'equal buckets', there: [object('a b+c')], differences: [] },
    { why: 'part files are not compared', there: [object('a b+c'), object('temp/x')], differences: [] },
    { why: 'other bytes', there: [object('a b+c', 'sane')], differences: ['"a b+c" has other bytes'] },
    { why: 'a missing object', there: [], differences: ['"a b+c" is not at the destination'] },
    {
      why: 'an object that is only at the destination',
      there: [object('a b+c'), object('d')],
      differences: ['"d" is only at the destination'],
    },
  ])('the comparison of the demo finds differences: $why', async ({ there, differences }) => {
    const [source, destination] = [await bucketOf([object('a b+c')]), await bucketOf(there)];
    expect((await compareBuckets(s3, source, destination, 'temp/')).differences).toEqual(differences);
  });

  it.each([
    { headers: { CacheControl: 'no-store' } },
    { metadata: { author: 'Ada' } },
    { tags: 'team=video' },
  ])('the comparison of the demo finds different properties: %j', async (properties) => {
    const source = await bucketOf([object('k', 'same', properties)]);
    const destination = await bucketOf([object('k')]);
    const { objects, differences } = await compareBuckets(s3, source, destination, 'temp/');
    expect(objects).toBe(1);
    expect(differences).toEqual([expect.stringMatching(/^"k" has .* instead of /)]);
  });
});

describe('the tree of the demo', () => {
  const tree = demoTree();

  it('the demo tree has hundreds of small objects, empty objects and folder markers', () => {
    expect(tree.filter(({ body }) => body.length > 0 && body.length < 10_000).length).toBeGreaterThan(300);
    expect(tree.filter(({ body }) => body.length === 0).length).toBeGreaterThan(10);
    expect(tree.filter(({ key }) => key.endsWith('/')).length).toBeGreaterThan(2);
  });

  it.each(['%', '+', '?', '#', '//', '..', '\n', '\u0001', '🦀', '&', '<'])(
    'the demo tree has a key with %j',
    (text) => {
      expect(tree.some(({ key }) => key.includes(text))).toBe(true);
    },
  );

  it('the demo tree has a key with blanks at both ends and one of maximum length', () => {
    expect(tree.some(({ key }) => key.startsWith(' ') && key.endsWith(' '))).toBe(true);
    expect(tree.some(({ key }) => utf8Length(key) === 1024)).toBe(true);
  });

  it('the demo tree has multipart objects below and above fanOutAbove, with properties', () => {
    const parts = tree.filter(({ partSize }) => partSize !== undefined);
    expect(parts.filter(({ body }) => body.length > 20 * MiB)).toHaveLength(1);
    expect(parts.filter(({ body }) => body.length < 20 * MiB)).toHaveLength(2);
    expect(parts.every(({ tags, metadata }) => tags !== undefined && metadata !== undefined)).toBe(true);
  });

  it('the demo tree has no key twice', () => {
    expect(new Set(tree.map(({ key }) => key)).size).toBe(tree.length);
  });
});
