import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { expect } from 'vitest';
import { bytes, MiB, md5 } from './bodies.ts';
import { expectError } from './expectations.ts';
import { fact, startJudge } from './fact.ts';
import { sources } from './sources.ts';

startJudge();

fact('the ETag of a simple object is the MD5 of its bytes', sources.objectEtag, async ({ s3, bucket }) => {
  const written = await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'etag', Body: 'hello' }));
  expect(written.ETag).toBe(`"${md5('hello')}"`);
  const head = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: 'etag' }));
  expect(head.ETag).toBe(`"${md5('hello')}"`);
});

fact('an object of several MiB is returned byte for byte', sources.get, async ({ s3, bucket }) => {
  const body = bytes(7 * MiB + 13);
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'large', Body: body }));
  const read = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: 'large' }));
  expect(md5(Buffer.from((await read.Body?.transformToByteArray()) ?? []))).toBe(md5(body));
});

fact('an empty object can be written and read', sources.put, async ({ s3, bucket }) => {
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'empty/', Body: new Uint8Array() }));
  const read = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: 'empty/' }));
  expect(read.ContentLength).toBe(0);
  expect(read.ETag).toBe('"d41d8cd98f00b204e9800998ecf8427e"');
  expect(await read.Body?.transformToString()).toBe('');
});

fact('an object without a content type gets binary/octet-stream', sources.put, async ({ raw, bucket }) => {
  await raw({ method: 'PUT', path: `/${bucket}/untyped`, body: 'x' });
  const read = await raw({ method: 'GET', path: `/${bucket}/untyped` });
  expect(read.headers['content-type']).toBe('binary/octet-stream');
});

fact(
  'headers and user metadata are stored, with the names of metadata in lowercase',
  sources.metadata,
  async ({ s3, bucket }) => {
    const properties = {
      CacheControl: 'max-age=60',
      ContentDisposition: 'attachment; filename="a b.txt"',
      ContentEncoding: 'gzip',
      ContentLanguage: 'de',
      ContentType: 'text/plain; charset=utf-8',
    };
    const key = { Bucket: bucket, Key: 'properties' };
    await s3.send(
      new PutObjectCommand({
        ...key,
        Body: 'x',
        ...properties,
        Metadata: { CamelCase: 'Value, with=signs' },
      }),
    );
    const head = await s3.send(new HeadObjectCommand(key));
    expect(head).toMatchObject(properties);
    expect(head.Metadata).toEqual({ camelcase: 'Value, with=signs' });
  },
);

fact('metadata of more than 2 KB is refused', sources.metadata, async ({ s3, bucket }) => {
  const put = new PutObjectCommand({
    Bucket: bucket,
    Key: 'fat',
    Body: 'x',
    Metadata: { a: 'x'.repeat(2048) },
  });
  await expectError(s3.send(put), 'MetadataTooLarge', 400);
});

fact(
  'metadata with characters outside ASCII is returned as RFC 2047 words',
  sources.metadata,
  async ({ s3, bucket, raw }) => {
    const headers = { 'x-amz-meta-name': '=?UTF-8?B?w7zDtg==?=' };
    await raw({ method: 'PUT', path: `/${bucket}/umlaut`, headers, body: 'x' });
    const head = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: 'umlaut' }));
    expect(head.Metadata?.['name']).toMatch(/^=\?UTF-8\?[BQ]\?.*\?=$/i);
  },
);

fact(
  'a missing key is answered NoSuchKey, and a HEAD gets no body',
  sources.errors,
  async ({ s3, bucket, raw }) => {
    await expectError(s3.send(new GetObjectCommand({ Bucket: bucket, Key: 'missing' })), 'NoSuchKey', 404);
    const head = await raw({ method: 'HEAD', path: `/${bucket}/missing` });
    expect(head).toMatchObject({ status: 404, text: '' });
  },
);

fact('a missing bucket is answered NoSuchBucket', sources.errors, async ({ s3 }) => {
  const get = new GetObjectCommand({ Bucket: 'no-such-bucket-of-these-facts', Key: 'k' });
  await expectError(s3.send(get), 'NoSuchBucket', 404);
});

fact(
  'a GET with a range is answered 206 with the bytes of the range',
  sources.get,
  async ({ s3, bucket }) => {
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'range', Body: '0123456789' }));
    for (const [range, text, content] of [
      ['bytes=2-4', '234', 'bytes 2-4/10'],
      ['bytes=7-', '789', 'bytes 7-9/10'],
      ['bytes=-2', '89', 'bytes 8-9/10'],
      ['bytes=5-100', '56789', 'bytes 5-9/10'],
      ['bytes=-100', '0123456789', 'bytes 0-9/10'],
    ] as const) {
      const read = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: 'range', Range: range }));
      expect(read.$metadata.httpStatusCode).toBe(206);
      expect(read.ContentRange).toBe(content);
      expect(await read.Body?.transformToString()).toBe(text);
    }
  },
);

fact('a range after the end of the object is answered InvalidRange', sources.get, async ({ s3, bucket }) => {
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'short', Body: '0123456789' }));
  const get = new GetObjectCommand({ Bucket: bucket, Key: 'short', Range: 'bytes=10-' });
  await expectError(s3.send(get), 'InvalidRange', 416);
});

fact('a malformed range is ignored', sources.get, async ({ s3, bucket }) => {
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'nonsense', Body: '0123456789' }));
  const read = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: 'nonsense', Range: 'lines=1-2' }));
  expect(read.$metadata.httpStatusCode).toBe(200);
});

fact(
  'S3 answers 412 to a read when If-Match or If-Unmodified-Since is not met',
  sources.conditionalReads,
  async ({ s3, bucket }) => {
    const key = { Bucket: bucket, Key: 'conditions' };
    const { ETag } = await s3.send(new PutObjectCommand({ ...key, Body: 'x' }));
    await s3.send(new GetObjectCommand({ ...key, IfMatch: ETag }));
    await expectError(
      s3.send(new GetObjectCommand({ ...key, IfMatch: '"other"' })),
      'PreconditionFailed',
      412,
    );
    const past = new Date(Date.now() - 3_600_000);
    await expectError(
      s3.send(new GetObjectCommand({ ...key, IfUnmodifiedSince: past })),
      'PreconditionFailed',
      412,
    );
    await s3.send(new GetObjectCommand({ ...key, IfMatch: ETag, IfUnmodifiedSince: past })); // the ETag decides
  },
);

fact(
  'S3 answers 304 to a read when If-None-Match or If-Modified-Since is not met',
  sources.conditionalReads,
  async ({ bucket, raw }) => {
    const path = `/${bucket}/unchanged`;
    await raw({ method: 'PUT', path, body: 'x' });
    const { headers } = await raw({ method: 'HEAD', path });
    const same = await raw({ method: 'GET', path, headers: { 'if-none-match': String(headers['etag']) } });
    expect(same).toMatchObject({ status: 304, text: '' });
    const since = { 'if-modified-since': String(headers['last-modified']) };
    expect((await raw({ method: 'HEAD', path, headers: since })).status).toBe(304);
  },
);

fact('an If-Modified-Since in the future is ignored', sources.dates, async ({ bucket, raw }) => {
  const path = `/${bucket}/unchanged-yet`;
  await raw({ method: 'PUT', path, body: 'x' });
  const headers = { 'if-modified-since': new Date(Date.now() + 3_600_000).toUTCString() };
  expect((await raw({ method: 'GET', path, headers })).status).toBe(200);
});

fact('response-… parameters override headers of the answer to a GET', sources.get, async ({ s3, bucket }) => {
  const key = { Bucket: bucket, Key: 'override' };
  await s3.send(new PutObjectCommand({ ...key, Body: 'x', ContentType: 'text/plain' }));
  const read = await s3.send(new GetObjectCommand({ ...key, ResponseContentType: 'text/html' }));
  expect(read.ContentType).toBe('text/html');
});

fact('a delete of a missing key succeeds', sources.deleteObject, async ({ s3, bucket }) => {
  const deleted = await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'never-there' }));
  expect(deleted.$metadata.httpStatusCode).toBe(204);
});

fact(
  'a wrong Content-MD5 is answered BadDigest, and no object is written',
  sources.put,
  async ({ s3, bucket }) => {
    const put = new PutObjectCommand({
      Bucket: bucket,
      Key: 'damaged',
      Body: 'x',
      ContentMD5: 'XrY7u+Ae7tCTyyK7j1rNww==',
    });
    await expectError(s3.send(put), 'BadDigest', 400);
    await expectError(s3.send(new HeadObjectCommand({ Bucket: bucket, Key: 'damaged' })), 'NotFound', 404);
  },
);

fact('a malformed Content-MD5 is answered InvalidDigest', sources.errors, async ({ raw, bucket }) => {
  const answer = await raw({
    method: 'PUT',
    path: `/${bucket}/bad-md5`,
    headers: { 'content-md5': 'bm9wZQ==' },
    body: 'x',
  });
  expect(answer.status).toBe(400);
  expect(answer.text).toContain('<Code>InvalidDigest</Code>');
});

fact(
  'a simple object can be read as part number 1, and has no other parts',
  sources.head,
  async ({ s3, bucket }) => {
    const key = { Bucket: bucket, Key: 'one-part' };
    await s3.send(new PutObjectCommand({ ...key, Body: 'abc' }));
    const head = await s3.send(new HeadObjectCommand({ ...key, PartNumber: 1 }));
    expect(head).toMatchObject({ ContentLength: 3, $metadata: { httpStatusCode: 206 } });
    expect(head.PartsCount).toBeUndefined();
    await expectError(s3.send(new GetObjectCommand({ ...key, PartNumber: 2 })), 'InvalidPartNumber', 416);
  },
);

fact(
  'S3 answers 403 when a bucket has another owner than expected',
  sources.owner,
  async ({ s3, bucket }) => {
    const key = { Bucket: bucket, Key: 'owned' };
    await s3.send(new PutObjectCommand({ ...key, Body: 'x' }));
    const get = new GetObjectCommand({ ...key, ExpectedBucketOwner: '111111111111' });
    await expectError(s3.send(get), 'AccessDenied', 403);
  },
);
