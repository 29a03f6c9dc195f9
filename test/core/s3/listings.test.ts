import {
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ObjectStore, type VersionMarker } from '../../../core/s3/object-store.ts';
import { type Sandbox, startSandbox } from '../../../packages/sandbox-s3/test/sandbox.ts';

/** In the order of their bytes. Each would be another key, or none at all, when decoded once too often or too little. */
const keys = ['100% done.txt', '50%25', 'a b', 'a%20b', 'a+b', 'dir+x/%41', 'dir+x/ü', '日本%'];

describe.each([
  { server: 'encodes the keys of listings when asked to', ignores: false },
  { server: 'ignores encoding-type and says so by telling none', ignores: true },
])('a server that $server', ({ ignores }) => {
  let sandbox: Sandbox;
  let store: ObjectStore;

  beforeAll(async () => {
    sandbox = await startSandbox();
    store = new ObjectStore(sandbox.s3);
    const { rules } = sandbox.store;
    if (ignores) rules.add({ kind: 'ignore-parameter', parameter: 'encoding-type' });
    const operation = ['ListObjectsV2', 'ListObjectVersions', 'ListMultipartUploads'];
    rules.add({ kind: 'short-page', operation, entries: 2 });
  });
  afterAll(() => sandbox.stop());

  async function bucketOf(name: string): Promise<string> {
    await sandbox.s3.send(new CreateBucketCommand({ Bucket: name }));
    return name;
  }

  it('lists each object by its own key, page by page', async () => {
    const Bucket = await bucketOf('objects');
    for (const Key of keys) await sandbox.s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));
    const found: string[] = [];
    let next: string | undefined;
    do {
      const page = await store.list(Bucket, '', next === undefined ? {} : { next });
      found.push(...page.objects.map(({ key }) => key));
      next = page.next;
    } while (next !== undefined);
    expect(found).toEqual(keys);
    expect((await store.list(Bucket, '', { after: 'a%20b', limit: 1 })).objects[0]?.key).toBe('a+b');
  });

  it('lists folders by their own names', async () => {
    const Bucket = await bucketOf('folders');
    const folders = ['a%20b/', 'a+b/'];
    for (const folder of folders)
      await sandbox.s3.send(new PutObjectCommand({ Bucket, Key: `${folder}x`, Body: 'x' }));
    expect(await store.listFolders(Bucket, '')).toEqual({ folders });
  });

  it('lists each version by its own key, and goes on at the markers that it names', async () => {
    const Bucket = await bucketOf('versions');
    const VersioningConfiguration = { Status: 'Enabled' } as const;
    await sandbox.s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
    for (const Key of keys) {
      await sandbox.s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));
      await sandbox.s3.send(new DeleteObjectCommand({ Bucket, Key }));
    }
    const found: string[] = [];
    let from: VersionMarker | undefined;
    do {
      const page = await store.listVersions(Bucket, '', from);
      found.push(...page.versions.map(({ key }) => key));
      from = page.next;
    } while (from !== undefined);
    expect(found.sort()).toEqual(keys.flatMap((key) => [key, key]).sort());
  });

  it('lists each open upload by its own key, and goes on at the markers that it names', async () => {
    const Bucket = await bucketOf('uploads');
    for (const Key of keys) await sandbox.s3.send(new CreateMultipartUploadCommand({ Bucket, Key }));
    expect((await store.listUploads(Bucket, '')).map(({ key }) => key)).toEqual(keys);
    for (const key of keys) {
      expect((await store.listUploadsOf({ bucket: Bucket, key })).map((upload) => upload.key)).toEqual([key]);
    }
  });
});
