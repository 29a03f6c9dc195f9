import {
  CopyObjectCommand,
  type CopyObjectCommandInput,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
} from '@aws-sdk/client-s3';
import { expect } from 'vitest';
import { md5 } from './bodies.ts';
import { expectError, nextSecond } from './expectations.ts';
import { fact, startJudge, type World } from './fact.ts';
import { sources } from './sources.ts';

startJudge();

const properties = { ContentType: 'text/x-source', CacheControl: 'no-cache', Metadata: { from: 'source' } };

async function putSource(
  { s3, bucket }: World,
  key: string,
  input: Partial<PutObjectCommandInput> = {},
): Promise<string> {
  const put = { Bucket: bucket, Key: key, Body: 'the source', ...properties, ...input };
  const { ETag } = await s3.send(new PutObjectCommand(put));
  return ETag ?? '';
}

function copy({ s3, bucket }: World, from: string, to: string, input: Partial<CopyObjectCommandInput> = {}) {
  return s3.send(
    new CopyObjectCommand({ Bucket: bucket, Key: to, CopySource: `${bucket}/${from}`, ...input }),
  );
}

const head = ({ s3, bucket }: World, key: string) =>
  s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));

/** Reads the tags of an object, sorted by key, because S3 does not guarantee an order. */
async function readTags({ s3, bucket }: World, key: string): Promise<unknown> {
  const { TagSet = [] } = await s3.send(new GetObjectTaggingCommand({ Bucket: bucket, Key: key }));
  return TagSet.sort((a, b) => ((a.Key ?? '') < (b.Key ?? '') ? -1 : 1));
}

fact('a copy has the bytes, the ETag and the metadata of its source', sources.copy, async (world) => {
  const etag = await putSource(world, 'plain');
  const copied = await copy(world, 'plain', 'plain-copy');
  expect(copied.CopyObjectResult?.ETag).toBe(etag);
  expect(await head(world, 'plain-copy')).toMatchObject({ ...properties, ETag: etag, ContentLength: 10 });
});

fact('a copy has the tags of its source, even when its metadata is replaced', sources.copy, async (world) => {
  await putSource(world, 'with-tags', { Tagging: 'tag=source' });
  await copy(world, 'with-tags', 'tags-copied');
  await copy(world, 'with-tags', 'tags-kept', { MetadataDirective: 'REPLACE' });
  for (const key of ['tags-copied', 'tags-kept'])
    expect(await readTags(world, key)).toEqual([{ Key: 'tag', Value: 'source' }]);
});

fact('a copy has a modification date of its own', sources.copy, async (world) => {
  await putSource(world, 'dated');
  const before = await head(world, 'dated');
  await nextSecond();
  const copied = await copy(world, 'dated', 'dated-copy');
  const after = await head(world, 'dated-copy');
  expect(after.LastModified?.getTime()).toBeGreaterThan(before.LastModified?.getTime() ?? 0);
  expect(copied.CopyObjectResult?.LastModified).toEqual(after.LastModified);
});

fact(
  'a copy ignores the metadata of the request, unless the directive is REPLACE',
  sources.copy,
  async (world) => {
    await putSource(world, 'replaced');
    await copy(world, 'replaced', 'copied', { Metadata: { new: 'x' }, ContentType: 'text/new' });
    expect((await head(world, 'copied')).Metadata).toEqual({ from: 'source' });
    await copy(world, 'replaced', 'replaced-copy', { MetadataDirective: 'REPLACE', Metadata: { new: 'x' } });
    const replaced = await head(world, 'replaced-copy');
    expect(replaced.Metadata).toEqual({ new: 'x' });
    expect(replaced.CacheControl).toBeUndefined();
  },
);

fact('a copy replaces tags if the tagging directive is REPLACE', sources.copy, async (world) => {
  await putSource(world, 'tagged', { Tagging: 'tag=source' });
  await copy(world, 'tagged', 'tagged-copy', { TaggingDirective: 'REPLACE', Tagging: 'a=1&b=2' });
  expect(await readTags(world, 'tagged-copy')).toEqual([
    { Key: 'a', Value: '1' },
    { Key: 'b', Value: '2' },
  ]);
  await copy(world, 'tagged', 'untagged-copy', { TaggingDirective: 'REPLACE' });
  expect(await readTags(world, 'untagged-copy')).toEqual([]);
});

fact('a copy does not have the storage class of its source', sources.copy, async (world) => {
  const { s3, bucket } = world;
  const put = {
    Bucket: bucket,
    Key: 'class',
    Body: 'x',
    StorageClass: 'STANDARD_IA',
    WebsiteRedirectLocation: '/other',
  } as const;
  await s3.send(new PutObjectCommand(put));
  expect(await head(world, 'class')).toMatchObject({
    StorageClass: 'STANDARD_IA',
    WebsiteRedirectLocation: '/other',
  });
  await copy(world, 'class', 'class-copy');
  expect((await head(world, 'class-copy')).StorageClass).toBeUndefined();
  await copy(world, 'class', 'class-given', { StorageClass: 'ONEZONE_IA' });
  expect((await head(world, 'class-given')).StorageClass).toBe('ONEZONE_IA');
});

fact('a copy does not have the website redirect of its source', sources.copy, async (world) => {
  await putSource(world, 'redirect', { WebsiteRedirectLocation: '/other' });
  expect((await head(world, 'redirect')).WebsiteRedirectLocation).toBe('/other');
  await copy(world, 'redirect', 'redirect-copy');
  expect((await head(world, 'redirect-copy')).WebsiteRedirectLocation).toBeUndefined();
});

fact('a copy of an object to itself must change something', sources.copy, async (world) => {
  await putSource(world, 'self');
  await expectError(copy(world, 'self', 'self'), 'InvalidRequest', 400);
  await copy(world, 'self', 'self', { MetadataDirective: 'REPLACE', Metadata: { changed: 'yes' } });
  expect((await head(world, 'self')).Metadata).toEqual({ changed: 'yes' });
});

fact(
  'a copy of a missing object is answered NoSuchKey, and of an object in a missing bucket NoSuchBucket',
  sources.copy,
  async (world) => {
    await expectError(copy(world, 'nothing-here', 'x'), 'NoSuchKey', 404);
    const other = { CopySource: 'no-such-bucket-of-these-facts/key' };
    await expectError(copy(world, '', 'x', other), 'NoSuchBucket', 404);
  },
);

fact('the name of a copy source can start with a slash', sources.copy, async (world) => {
  const etag = await putSource(world, 'slash');
  const copied = await copy(world, '', 'slash-copy', { CopySource: `/${world.bucket}/slash` });
  expect(copied.CopyObjectResult?.ETag).toBe(etag);
});

fact(
  'S3 answers 412 when the copy source does not have the ETag of copy-source-if-match',
  sources.copy,
  async (world) => {
    const etag = await putSource(world, 'if');
    await copy(world, 'if', 'if-copy', { CopySourceIfMatch: etag });
    await expectError(
      copy(world, 'if', 'if-not', { CopySourceIfMatch: `"${md5('other')}"` }),
      'PreconditionFailed',
      412,
    );
    await expectError(head(world, 'if-not'), 'NotFound', 404);
  },
);

fact(
  'S3 answers 412, and never 304, when copy-source-if-none-match or a date is not met',
  sources.recordedConditions,
  async (world) => {
    const etag = await putSource(world, 'dates');
    const past = new Date(Date.now() - 3_600_000);
    const modified = (await head(world, 'dates')).LastModified;
    for (const condition of [
      { CopySourceIfNoneMatch: etag },
      { CopySourceIfUnmodifiedSince: past },
      { CopySourceIfModifiedSince: modified },
    ])
      await expectError(copy(world, 'dates', 'x', condition), 'PreconditionFailed', 412);
    await copy(world, 'dates', 'x', {
      CopySourceIfModifiedSince: past,
      CopySourceIfUnmodifiedSince: modified,
    });
  },
);

fact(
  'a copy-source-if-modified-since in the future is ignored',
  sources.recordedConditions,
  async (world) => {
    await putSource(world, 'future');
    await copy(world, 'future', 'x', { CopySourceIfModifiedSince: new Date(Date.now() + 3_600_000) });
  },
);

fact('the error of a copy names the condition that is not met', sources.recordedConditions, async (world) => {
  const etag = await putSource(world, 'named');
  const { bucket, raw } = world;
  for (const [name, value] of [
    ['If-Match', '"other"'],
    ['If-None-Match', etag],
    ['If-Unmodified-Since', new Date(0).toUTCString()],
  ] as const) {
    const headers = {
      'x-amz-copy-source': `${bucket}/named`,
      [`x-amz-copy-source-${name.toLowerCase()}`]: value,
    };
    const answer = await raw({ method: 'PUT', path: `/${bucket}/x`, headers });
    expect(answer.text).toContain(`<Condition>x-amz-copy-source-${name}</Condition>`);
  }
});

fact(
  'a copy succeeds if copy-source-if-match is met and copy-source-if-unmodified-since is not',
  sources.copy,
  async (world) => {
    const etag = await putSource(world, 'pair');
    const past = new Date(Date.now() - 3_600_000);
    await copy(world, 'pair', 'pair-copy', { CopySourceIfMatch: etag, CopySourceIfUnmodifiedSince: past });
  },
);

fact(
  'a copy fails if copy-source-if-modified-since is met and copy-source-if-none-match is not',
  sources.copy,
  async (world) => {
    const etag = await putSource(world, 'other-pair');
    const past = new Date(Date.now() - 3_600_000);
    const conditions = { CopySourceIfNoneMatch: etag, CopySourceIfModifiedSince: past };
    await expectError(copy(world, 'other-pair', 'x', conditions), 'PreconditionFailed', 412);
  },
);

fact('a copy of an empty object is an empty object', sources.copy, async (world) => {
  const { s3, bucket } = world;
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'empty', Body: new Uint8Array() }));
  await copy(world, 'empty', 'empty-copy');
  expect((await head(world, 'empty-copy')).ContentLength).toBe(0);
});

fact('a copy keeps its bytes when its source is overwritten', sources.copy, async (world) => {
  const { s3, bucket } = world;
  await putSource(world, 'original');
  await copy(world, 'original', 'survivor');
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'original', Body: 'something else' }));
  const read = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: 'survivor' }));
  expect(await read.Body?.transformToString()).toBe('the source');
});

fact(
  'S3 answers 403 to a copy when the source or destination bucket has another owner than expected',
  sources.owner,
  async (world) => {
    await putSource(world, 'owned');
    await expectError(
      copy(world, 'owned', 'x', { ExpectedSourceBucketOwner: '111111111111' }),
      'AccessDenied',
      403,
    );
    await expectError(
      copy(world, 'owned', 'x', { ExpectedBucketOwner: '111111111111' }),
      'AccessDenied',
      403,
    );
  },
);
