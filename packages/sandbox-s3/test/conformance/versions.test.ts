import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { expect } from 'vitest';
import { expectError } from './expectations.ts';
import { fact, startJudge, type World } from './fact.ts';
import { sources } from './sources.ts';

startJudge();

async function versionedBucket({ s3, newBucket }: World): Promise<string> {
  const bucket = await newBucket();
  await setVersioning(s3, bucket, 'Enabled');
  return bucket;
}

function setVersioning(s3: World['s3'], bucket: string, Status: 'Enabled' | 'Suspended') {
  return s3.send(new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status } }));
}

async function put({ s3 }: World, bucket: string, key: string, body: string): Promise<string> {
  return (await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }))).VersionId ?? '';
}

async function read(
  { s3 }: World,
  bucket: string,
  key: string,
  versionId?: string,
): Promise<string | undefined> {
  const found = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId }));
  return found.Body?.transformToString();
}

fact('a bucket has no versioning until it is enabled', sources.versioning, async ({ s3, newBucket }) => {
  const bucket = await newBucket();
  expect((await s3.send(new GetBucketVersioningCommand({ Bucket: bucket }))).Status).toBeUndefined();
  await setVersioning(s3, bucket, 'Enabled');
  expect((await s3.send(new GetBucketVersioningCommand({ Bucket: bucket }))).Status).toBe('Enabled');
});

fact('every write makes a version, and each version can be read', sources.versioning, async (world) => {
  const bucket = await versionedBucket(world);
  const [one, two] = [await put(world, bucket, 'k', 'one'), await put(world, bucket, 'k', 'two')];
  expect(one).not.toBe(two);
  expect(await read(world, bucket, 'k')).toBe('two');
  expect(await read(world, bucket, 'k', one)).toBe('one');
  const head = await world.s3.send(new HeadObjectCommand({ Bucket: bucket, Key: 'k' }));
  expect(head.VersionId).toBe(two);
});

fact(
  'a delete makes a delete marker the current version, and keeps the other versions',
  sources.deleteMarkers,
  async (world) => {
    const { s3 } = world;
    const bucket = await versionedBucket(world);
    const version = await put(world, bucket, 'k', 'kept');
    const deleted = await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'k' }));
    expect(deleted.DeleteMarker).toBe(true);
    await expectError(s3.send(new GetObjectCommand({ Bucket: bucket, Key: 'k' })), 'NoSuchKey', 404);
    expect((await s3.send(new ListObjectsV2Command({ Bucket: bucket }))).KeyCount).toBe(0);
    expect(await read(world, bucket, 'k', version)).toBe('kept');
  },
);

fact(
  'a GET of a deleted key answers 404, and of a delete marker by its version id 405',
  sources.deleteMarkers,
  async (world) => {
    const bucket = await versionedBucket(world);
    await put(world, bucket, 'k', 'x');
    const { VersionId } = await world.s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'k' }));
    const plain = await world.raw({ method: 'GET', path: `/${bucket}/k` });
    expect([plain.status, plain.headers['x-amz-delete-marker']]).toEqual([404, 'true']);
    const byId = await world.raw({ method: 'GET', path: `/${bucket}/k`, query: `versionId=${VersionId}` });
    expect([byId.status, byId.headers['x-amz-delete-marker']]).toEqual([405, 'true']);
  },
);

fact(
  'an object reappears when its delete marker is deleted, and a deleted version is removed permanently',
  sources.deleteMarkers,
  async (world) => {
    const { s3 } = world;
    const bucket = await versionedBucket(world);
    const [one, two] = [await put(world, bucket, 'k', 'one'), await put(world, bucket, 'k', 'two')];
    const marker = await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'k' }));
    const undone = await s3.send(
      new DeleteObjectCommand({ Bucket: bucket, Key: 'k', VersionId: marker.VersionId }),
    );
    expect(undone).toMatchObject({ DeleteMarker: true, VersionId: marker.VersionId });
    expect(await read(world, bucket, 'k')).toBe('two');
    await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'k', VersionId: two }));
    expect(await read(world, bucket, 'k')).toBe('one');
    await expectError(read(world, bucket, 'k', two), 'NoSuchVersion', 404);
    expect(await read(world, bucket, 'k', one)).toBe('one');
  },
);

fact(
  'DeleteObjects accepts version ids and returns the delete markers that it makes',
  sources.deleteMany,
  async (world) => {
    const bucket = await versionedBucket(world);
    const version = await put(world, bucket, 'a', 'x');
    await put(world, bucket, 'b', 'x');
    const objects = [{ Key: 'a', VersionId: version }, { Key: 'b' }];
    const answer = await world.s3.send(
      new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: objects } }),
    );
    const [a, b] = ['a', 'b'].map((key) => answer.Deleted?.find(({ Key }) => Key === key));
    expect(a).toEqual({ Key: 'a', VersionId: version });
    expect(b).toMatchObject({ Key: 'b', DeleteMarker: true });
    expect(b?.DeleteMarkerVersionId).toMatch(/./);
  },
);

fact('an object from before versioning has the version null', sources.versioning, async (world) => {
  const { s3 } = world;
  const bucket = await world.newBucket();
  await put(world, bucket, 'k', 'before');
  await setVersioning(s3, bucket, 'Enabled');
  await put(world, bucket, 'k', 'after');
  expect(await read(world, bucket, 'k', 'null')).toBe('before');
  await setVersioning(s3, bucket, 'Suspended');
  await put(world, bucket, 'k', 'suspended');
  expect(await read(world, bucket, 'k', 'null')).toBe('suspended');
  const listed = await s3.send(new ListObjectVersionsCommand({ Bucket: bucket }));
  expect(listed.Versions?.map(({ IsLatest, VersionId }) => [IsLatest, VersionId === 'null'])).toEqual([
    [true, true],
    [false, false],
  ]);
});

fact(
  'ListObjectVersions lists keys in pages and in order, the newest version of each key first',
  sources.listVersions,
  async (world) => {
    const { s3 } = world;
    const bucket = await versionedBucket(world);
    const [a1, b1, a2] = [
      await put(world, bucket, 'a', '1'),
      await put(world, bucket, 'b', '1'),
      await put(world, bucket, 'a', '2'),
    ];
    const marker = (await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'b' }))).VersionId;
    const all = await s3.send(new ListObjectVersionsCommand({ Bucket: bucket }));
    expect(all.Versions?.map(({ Key, VersionId, IsLatest }) => [Key, VersionId, IsLatest])).toEqual([
      ['a', a2, true],
      ['a', a1, false],
      ['b', b1, false],
    ]);
    expect(all.DeleteMarkers?.map(({ Key, VersionId, IsLatest }) => [Key, VersionId, IsLatest])).toEqual([
      ['b', marker, true],
    ]);
    const first = await s3.send(new ListObjectVersionsCommand({ Bucket: bucket, MaxKeys: 1 }));
    expect(first).toMatchObject({ IsTruncated: true, NextKeyMarker: 'a', NextVersionIdMarker: a2 });
    const markers = { KeyMarker: 'a', VersionIdMarker: a2 };
    const next = await s3.send(new ListObjectVersionsCommand({ Bucket: bucket, ...markers, MaxKeys: 2 }));
    expect(next.Versions?.map(({ VersionId }) => VersionId)).toEqual([a1]);
    expect(next.DeleteMarkers?.map(({ VersionId }) => VersionId)).toEqual([marker]);
  },
);

fact(
  'a listing of versions with only a key marker starts after all versions of that key',
  sources.recordedListings,
  async (world) => {
    const bucket = await versionedBucket(world);
    await put(world, bucket, 'a', '1');
    const b = await put(world, bucket, 'b', '1');
    const behind = await world.s3.send(new ListObjectVersionsCommand({ Bucket: bucket, KeyMarker: 'a' }));
    expect(behind.Versions?.map(({ VersionId }) => VersionId)).toEqual([b]);
  },
);

fact(
  'a listing of versions can continue after a version that was deleted in the meantime',
  sources.recordedListings,
  async (world) => {
    const { s3 } = world;
    const bucket = await versionedBucket(world);
    const versions = [];
    for (const body of ['1', '2', '3', '4', '5']) versions.unshift(await put(world, bucket, 'k', body));
    const l = await put(world, bucket, 'l', '1');
    const page = await s3.send(new ListObjectVersionsCommand({ Bucket: bucket, MaxKeys: 2 }));
    expect(page.NextVersionIdMarker).toBe(versions[1]);
    for (const VersionId of versions.slice(0, 2))
      await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'k', VersionId }));
    const markers = { KeyMarker: 'k', VersionIdMarker: page.NextVersionIdMarker };
    const rest = await s3.send(new ListObjectVersionsCommand({ Bucket: bucket, ...markers }));
    expect(rest.Versions?.map(({ VersionId }) => VersionId)).toEqual([...versions.slice(2), l]);
  },
);

fact(
  'no version is missed when a listing continues after a null version',
  sources.listVersions,
  async (world) => {
    const { s3 } = world;
    const bucket = await versionedBucket(world);
    const old = await put(world, bucket, 'k', 'old');
    await setVersioning(s3, bucket, 'Suspended');
    await put(world, bucket, 'k', 'null');
    const markers = { KeyMarker: 'k', VersionIdMarker: 'null' };
    const list = async () => {
      const listed = await s3.send(new ListObjectVersionsCommand({ Bucket: bucket, ...markers }));
      return listed.Versions?.map(({ VersionId }) => VersionId);
    };
    expect(await list()).toEqual([old]);
    await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'k', VersionId: 'null' }));
    expect(await list()).toEqual([old]);
  },
);

fact('an invalid version id marker is answered InvalidArgument', sources.listVersions, async (world) => {
  const bucket = await versionedBucket(world);
  await put(world, bucket, 'k', 'x');
  const list = (marker: string) =>
    world.raw({
      method: 'GET',
      path: `/${bucket}`,
      query: `key-marker=k&version-id-marker=${marker}&versions=`,
    });
  for (const marker of ['nope', 'bm9wZW5vcGVub3Blbm9wZW5vcGVub3Bl']) {
    const answer = await list(marker);
    expect([answer.status, answer.text]).toEqual([
      400,
      expect.stringContaining('Invalid version id specified'),
    ]);
  }
  expect((await list('')).text).toContain('<Code>InvalidArgument</Code>');
});

fact(
  'a common prefix that contains the key marker is not listed again',
  sources.recordedListings,
  async (world) => {
    const bucket = await versionedBucket(world);
    for (const key of ['a/1', 'a/2', 'b']) await put(world, bucket, key, 'x');
    const scope = { Bucket: bucket, Delimiter: '/', KeyMarker: 'a/1' };
    const behind = await world.s3.send(new ListObjectVersionsCommand(scope));
    expect(behind.CommonPrefixes).toBeUndefined();
    expect(behind.Versions?.map(({ Key }) => Key)).toEqual(['b']);
  },
);

fact(
  'a malformed version id is answered InvalidArgument, also for a delete',
  sources.recordedRequests,
  async (world) => {
    const { s3 } = world;
    const bucket = await versionedBucket(world);
    await put(world, bucket, 'k', 'x');
    const address = { Bucket: bucket, Key: 'k', VersionId: 'nope' };
    await expectError(s3.send(new GetObjectCommand(address)), 'InvalidArgument', 400);
    await expectError(s3.send(new DeleteObjectCommand(address)), 'InvalidArgument', 400);
    expect(await read(world, bucket, 'k')).toBe('x');
  },
);

fact(
  'CopyObject copies the version that the copy source names, and returns its id',
  sources.copy,
  async (world) => {
    const { s3 } = world;
    const bucket = await versionedBucket(world);
    const old = await put(world, bucket, 'k', 'old');
    await put(world, bucket, 'k', 'new');
    const copy = { Bucket: bucket, Key: 'copy', CopySource: `${bucket}/k?versionId=${old}` };
    const copied = await s3.send(new CopyObjectCommand(copy));
    expect(copied.CopySourceVersionId).toBe(old);
    expect(copied.VersionId).not.toBe(old);
    expect(await read(world, bucket, 'copy')).toBe('old');
  },
);

fact(
  'UploadPartCopy copies the version that the copy source names, and returns its id',
  sources.partCopy,
  async (world) => {
    const { s3 } = world;
    const bucket = await versionedBucket(world);
    const old = await put(world, bucket, 'k', 'old');
    await put(world, bucket, 'k', 'new');
    const address = { Bucket: bucket, Key: 'parts' };
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand(address));
    const CopySource = `${bucket}/k?versionId=${old}`;
    const part = await s3.send(
      new UploadPartCopyCommand({ ...address, UploadId, PartNumber: 1, CopySource }),
    );
    expect(part.CopySourceVersionId).toBe(old);
    const Parts = [{ PartNumber: 1, ETag: part.CopyPartResult?.ETag }];
    await s3.send(new CompleteMultipartUploadCommand({ ...address, UploadId, MultipartUpload: { Parts } }));
    expect(await read(world, bucket, 'parts')).toBe('old');
  },
);

fact(
  'a copy and a Complete write the null version when versioning is suspended',
  sources.suspended,
  async (world) => {
    const { s3 } = world;
    const bucket = await versionedBucket(world);
    const old = await put(world, bucket, 'copy', 'old');
    await put(world, bucket, 'source', 'new');
    await setVersioning(s3, bucket, 'Suspended');
    const copied = await s3.send(
      new CopyObjectCommand({ Bucket: bucket, Key: 'copy', CopySource: `${bucket}/source` }),
    );
    expect(copied.VersionId).toBe('null');
    expect(await read(world, bucket, 'copy', 'null')).toBe('new');
    expect(await read(world, bucket, 'copy', old)).toBe('old');
    const address = { Bucket: bucket, Key: 'parts' };
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand(address));
    const { ETag } = await s3.send(
      new UploadPartCommand({ ...address, UploadId, PartNumber: 1, Body: 'part' }),
    );
    const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
    const completed = await s3.send(
      new CompleteMultipartUploadCommand({ ...address, UploadId, MultipartUpload }),
    );
    expect(completed.VersionId).toBe('null');
    expect(await read(world, bucket, 'parts', 'null')).toBe('part');
  },
);

fact(
  'a delete replaces the null version by a null delete marker when versioning is suspended',
  sources.suspended,
  async (world) => {
    const { s3 } = world;
    const bucket = await versionedBucket(world);
    const old = await put(world, bucket, 'k', 'old');
    await setVersioning(s3, bucket, 'Suspended');
    await put(world, bucket, 'k', 'null');
    const deleted = await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'k' }));
    expect(deleted).toMatchObject({ DeleteMarker: true, VersionId: 'null' });
    const listed = await s3.send(new ListObjectVersionsCommand({ Bucket: bucket }));
    expect(listed.DeleteMarkers?.map(({ VersionId }) => VersionId)).toEqual(['null']);
    expect(listed.Versions?.map(({ VersionId }) => VersionId)).toEqual([old]);
  },
);

fact(
  'a copy of a deleted key answers 404, and of a delete marker by its version id 400',
  sources.copy,
  async (world) => {
    const { s3 } = world;
    const bucket = await versionedBucket(world);
    await put(world, bucket, 'k', 'x');
    const { VersionId } = await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'k' }));
    const copy = { Bucket: bucket, Key: 'copy', CopySource: `${bucket}/k` };
    await expectError(s3.send(new CopyObjectCommand(copy)), 'NoSuchKey', 404);
    const byId = { ...copy, CopySource: `${bucket}/k?versionId=${VersionId}` };
    await expectError(s3.send(new CopyObjectCommand(byId)), 'InvalidRequest', 400);
  },
);

fact(
  'a write to a deleted key succeeds with If-None-Match *, and gets 404 with If-Match',
  sources.conditionalWrites,
  async (world) => {
    const { s3 } = world;
    const bucket = await versionedBucket(world);
    await put(world, bucket, 'k', 'x');
    await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'k' }));
    const guarded = { Bucket: bucket, Key: 'k', Body: 'y' };
    await expectError(s3.send(new PutObjectCommand({ ...guarded, IfMatch: '"x"' })), 'NoSuchKey', 404);
    await s3.send(new PutObjectCommand({ ...guarded, IfNoneMatch: '*' }));
  },
);

fact('each version of an object has its own tags', sources.tagging, async (world) => {
  const { s3 } = world;
  const bucket = await versionedBucket(world);
  const one = await put(world, bucket, 'k', 'one');
  await put(world, bucket, 'k', 'two');
  const tagging = { TagSet: [{ Key: 'a', Value: 'b' }] };
  await s3.send(new PutObjectTaggingCommand({ Bucket: bucket, Key: 'k', VersionId: one, Tagging: tagging }));
  const old = await s3.send(new GetObjectTaggingCommand({ Bucket: bucket, Key: 'k', VersionId: one }));
  const latest = await s3.send(new GetObjectTaggingCommand({ Bucket: bucket, Key: 'k' }));
  expect([old.TagSet, latest.TagSet]).toEqual([[{ Key: 'a', Value: 'b' }], []]);
});

fact(
  'the upload that was created last becomes the current version, even if it was completed first',
  sources.multipart,
  async (world) => {
    const { s3 } = world;
    const bucket = await versionedBucket(world);
    const address = { Bucket: bucket, Key: 'k' };
    const start = async (Body: string) => {
      const { UploadId } = await s3.send(new CreateMultipartUploadCommand(address));
      const { ETag } = await s3.send(new UploadPartCommand({ ...address, UploadId, PartNumber: 1, Body }));
      return { ...address, UploadId, MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] } };
    };
    const [earlier, later] = [await start('earlier'), await start('later')];
    await s3.send(new CompleteMultipartUploadCommand(later));
    await s3.send(new CompleteMultipartUploadCommand(earlier));
    expect(await read(world, bucket, 'k')).toBe('later');
  },
);
