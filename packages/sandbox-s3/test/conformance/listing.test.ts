import {
  DeleteObjectCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { expect } from 'vitest';
import { md5 } from './bodies.ts';
import { expectError } from './expectations.ts';
import { fact, startJudge, type World } from './fact.ts';
import { sources } from './sources.ts';

startJudge();

async function bucketWith({ s3, newBucket }: World, keys: readonly string[]): Promise<string> {
  const bucket = await newBucket();
  for (const key of keys) await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: 'x' }));
  return bucket;
}

interface Pages {
  readonly entries: string[];
  readonly sizes: (number | undefined)[];
}

/** Reads all pages of a listing: the sorted keys and common prefixes of each page, and its size. */
async function listAll({ s3 }: World, input: ListObjectsV2CommandInput): Promise<Pages> {
  const pages: Pages = { entries: [], sizes: [] };
  let token: string | undefined;
  do {
    const page = await s3.send(new ListObjectsV2Command({ ...input, ContinuationToken: token }));
    const names = [
      ...(page.Contents ?? []).map(({ Key }) => Key),
      ...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix),
    ];
    pages.entries.push(...names.map((name) => name ?? '').sort());
    pages.sizes.push(page.KeyCount);
    token = page.NextContinuationToken;
    expect(page.IsTruncated).toBe(token !== undefined);
  } while (token !== undefined);
  return pages;
}

const tree = ['a!', 'a/1', 'a/2', 'a/b/3', 'ab', 'b/1', 'b/2', 'c'];

fact('a listing of an empty bucket has no entries', sources.list, async (world) => {
  const page = await world.s3.send(new ListObjectsV2Command({ Bucket: await world.newBucket() }));
  expect(page).toMatchObject({ KeyCount: 0, IsTruncated: false, MaxKeys: 1000 });
  expect(page.Contents).toBeUndefined();
});

fact(
  'an entry of a listing has a key, size, quoted ETag, date, storage class and checksum algorithm',
  sources.list,
  async (world) => {
    const bucket = await bucketWith(world, ['one']);
    const page = await world.s3.send(new ListObjectsV2Command({ Bucket: bucket }));
    const entry = page.Contents?.[0];
    expect(entry).toMatchObject({
      Key: 'one',
      Size: 1,
      ETag: `"${md5('x')}"`,
      StorageClass: 'STANDARD',
      ChecksumType: 'FULL_OBJECT',
    });
    expect(entry?.ChecksumAlgorithm).toHaveLength(1);
    expect(entry?.LastModified?.getMilliseconds()).toBe(0);
    expect(entry?.Owner).toBeUndefined();
  },
);

fact('a listing is sorted by UTF-8 bytes, not by UTF-16 code units', sources.listOrder, async (world) => {
  const keys = ['\u{10000}', '\uffee', 'z', 'Z', 'é', 'e\u0301'];
  const bucket = await bucketWith(world, keys);
  const page = await world.s3.send(new ListObjectsV2Command({ Bucket: bucket }));
  expect(page.Contents?.map(({ Key }) => Key)).toEqual(['Z', 'e\u0301', 'z', 'é', '\uffee', '\u{10000}']);
});

fact('a listing with a prefix contains only keys that start with it', sources.list, async (world) => {
  const bucket = await bucketWith(world, tree);
  const { entries } = await listAll(world, { Bucket: bucket, Prefix: 'a/' });
  expect(entries).toEqual(['a/1', 'a/2', 'a/b/3']);
  expect((await listAll(world, { Bucket: bucket, Prefix: 'a/1x' })).entries).toEqual([]);
});

fact('a listing with a delimiter groups keys into common prefixes', sources.list, async (world) => {
  const bucket = await bucketWith(world, tree);
  const top = await world.s3.send(new ListObjectsV2Command({ Bucket: bucket, Delimiter: '/' }));
  expect(top.Contents?.map(({ Key }) => Key)).toEqual(['a!', 'ab', 'c']);
  expect(top.CommonPrefixes?.map(({ Prefix }) => Prefix)).toEqual(['a/', 'b/']);
  expect(top.KeyCount).toBe(5);
  const below = await world.s3.send(
    new ListObjectsV2Command({ Bucket: bucket, Delimiter: '/', Prefix: 'a/' }),
  );
  expect(below.Contents?.map(({ Key }) => Key)).toEqual(['a/1', 'a/2']);
  expect(below.CommonPrefixes?.map(({ Prefix }) => Prefix)).toEqual(['a/b/']);
});

fact(
  'a key, the same key with a slash at its end, and keys below that can exist together',
  sources.keys,
  async (world) => {
    const keys = ['a', 'a/', 'a/1'];
    const bucket = await bucketWith(world, keys);
    expect((await listAll(world, { Bucket: bucket })).entries).toEqual(keys);
  },
);

fact('a delimiter can have several characters and need not be a slash', sources.list, async (world) => {
  const bucket = await bucketWith(world, ['x--1', 'x--2', 'y-1']);
  const page = await world.s3.send(new ListObjectsV2Command({ Bucket: bucket, Delimiter: '--' }));
  expect(page.CommonPrefixes?.map(({ Prefix }) => Prefix)).toEqual(['x--']);
  expect(page.Contents?.map(({ Key }) => Key)).toEqual(['y-1']);
});

fact('every entry is listed exactly once, whatever the size of a page', sources.list, async (world) => {
  const bucket = await bucketWith(world, tree);
  for (const MaxKeys of [1, 2, 3, 8]) {
    expect((await listAll(world, { Bucket: bucket, MaxKeys })).entries).toEqual(tree);
    const { entries, sizes } = await listAll(world, { Bucket: bucket, MaxKeys, Delimiter: '/' });
    expect(entries.sort()).toEqual(['a!', 'a/', 'ab', 'b/', 'c']);
    expect(Math.max(...sizes.map((size) => size ?? 0))).toBeLessThanOrEqual(MaxKeys);
  }
});

fact('a page that ends with the last entry is not truncated', sources.list, async (world) => {
  const bucket = await bucketWith(world, ['1', '2']);
  const page = await world.s3.send(new ListObjectsV2Command({ Bucket: bucket, MaxKeys: 2 }));
  expect(page).toMatchObject({ IsTruncated: false, KeyCount: 2 });
  expect(page.NextContinuationToken).toBeUndefined();
});

fact(
  'a listing with start-after starts after that key, whether or not the key exists',
  sources.list,
  async (world) => {
    const bucket = await bucketWith(world, tree);
    expect((await listAll(world, { Bucket: bucket, StartAfter: 'a/1' })).entries).toEqual([
      'a/2',
      'a/b/3',
      'ab',
      'b/1',
      'b/2',
      'c',
    ]);
    expect((await listAll(world, { Bucket: bucket, StartAfter: 'a/11' })).entries[0]).toBe('a/2');
    expect((await listAll(world, { Bucket: bucket, StartAfter: 'a/1', Prefix: 'b' })).entries).toEqual([
      'b/1',
      'b/2',
    ]);
    expect((await listAll(world, { Bucket: bucket, StartAfter: 'x', Prefix: 'b' })).entries).toEqual([]);
  },
);

fact('a continuation token takes precedence over start-after', sources.list, async (world) => {
  const bucket = await bucketWith(world, tree);
  const first = await world.s3.send(
    new ListObjectsV2Command({ Bucket: bucket, MaxKeys: 1, StartAfter: 'a!' }),
  );
  const next = await world.s3.send(
    new ListObjectsV2Command({
      Bucket: bucket,
      MaxKeys: 1,
      StartAfter: 'a!',
      ContinuationToken: first.NextContinuationToken,
    }),
  );
  expect(next.Contents?.map(({ Key }) => Key)).toEqual(['a/2']);
  expect(next.StartAfter).toBe('a!');
  expect(next.ContinuationToken).toBe(first.NextContinuationToken);
});

fact(
  'a page continues where the previous page ended, even if that key was deleted',
  sources.list,
  async (world) => {
    const bucket = await bucketWith(world, ['1', '2', '3']);
    const first = await world.s3.send(new ListObjectsV2Command({ Bucket: bucket, MaxKeys: 2 }));
    await world.s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: '2' }));
    const token = first.NextContinuationToken;
    const next = await world.s3.send(new ListObjectsV2Command({ Bucket: bucket, ContinuationToken: token }));
    expect(next.Contents?.map(({ Key }) => Key)).toEqual(['3']);
  },
);

fact(
  'a listing with max-keys 0 has no entries, and max-keys above 1,000 counts as 1,000',
  sources.list,
  async (world) => {
    const bucket = await bucketWith(world, ['1']);
    const none = await world.s3.send(new ListObjectsV2Command({ Bucket: bucket, MaxKeys: 0 }));
    expect(none).toMatchObject({ KeyCount: 0, IsTruncated: false });
    const many = await world.s3.send(new ListObjectsV2Command({ Bucket: bucket, MaxKeys: 5000 }));
    expect(many.MaxKeys).toBe(1000);
  },
);

fact(
  'a max-keys that is not a number and an invalid continuation token are answered InvalidArgument',
  sources.list,
  async (world) => {
    const list = await world.raw({
      method: 'GET',
      path: `/${world.bucket}`,
      query: 'list-type=2&max-keys=many',
    });
    expect(list.status).toBe(400);
    expect(list.text).toContain('<Code>InvalidArgument</Code>');
    const input = { Bucket: world.bucket, ContinuationToken: 'no token of this server' };
    await expectError(world.s3.send(new ListObjectsV2Command(input)), 'InvalidArgument', 400);
  },
);

fact('a listing with fetch-owner shows owners', sources.list, async (world) => {
  const bucket = await bucketWith(world, ['1']);
  const page = await world.s3.send(new ListObjectsV2Command({ Bucket: bucket, FetchOwner: true }));
  expect(page.Contents?.[0]?.Owner?.ID).toMatch(/./);
});

fact('a listing shows every write and delete immediately', sources.list, async (world) => {
  const { s3 } = world;
  const bucket = await bucketWith(world, ['1']);
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: '2', Body: 'x' }));
  expect((await listAll(world, { Bucket: bucket })).entries).toEqual(['1', '2']);
  await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: '1' }));
  expect((await listAll(world, { Bucket: bucket })).entries).toEqual(['2']);
});

fact('ListObjects continues pages with a marker', sources.listV1, async (world) => {
  const bucket = await bucketWith(world, tree);
  const first = await world.s3.send(new ListObjectsCommand({ Bucket: bucket, MaxKeys: 3 }));
  expect(first.Contents?.map(({ Key }) => Key)).toEqual(['a!', 'a/1', 'a/2']);
  expect(first.NextMarker).toBeUndefined();
  const next = await world.s3.send(
    new ListObjectsCommand({ Bucket: bucket, Marker: 'a/1', Delimiter: '/', MaxKeys: 2 }),
  );
  expect(next.Contents?.map(({ Key }) => Key)).toEqual(['ab']);
  expect(next.CommonPrefixes?.map(({ Prefix }) => Prefix)).toEqual(['b/']);
  const last = await world.s3.send(
    new ListObjectsCommand({ Bucket: bucket, Marker: next.NextMarker, Delimiter: '/' }),
  );
  expect(last.Contents?.map(({ Key }) => Key)).toEqual(['c']);
});
