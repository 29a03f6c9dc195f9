import { connect } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { childText, findChildren, parseXml } from '../src/http/xml-reader.ts';
import { md5 } from './conformance/bodies.ts';
import { type RawRequest, type RawResponse, sendSigned, sign } from './conformance/raw-request.ts';
import {
  anyBody,
  anyHeaders,
  anyPath,
  anyQuery,
  chunkedBody,
  documents,
  encodeStrictly,
} from './http-edge-requests.ts';
import { bucket, type Sandbox, startSandbox } from './sandbox.ts';

let sandbox: Sandbox;
let target: { endpoint: string; accessKeyId: string; secretAccessKey: string };
let uploadId = '';
/** A bucket that the random requests do not change. */
const kept = 'kept-bucket';

beforeAll(async () => {
  sandbox = await startSandbox();
  target = { endpoint: sandbox.store.url, accessKeyId: 'local', secretAccessKey: 'locallocal' };
  await send({ method: 'PUT', path: `/${bucket}/a`, body: 'whatever' });
  await send({ method: 'PUT', path: `/${kept}`, body: '' });
  await send({ method: 'PUT', path: `/${kept}/text`, body: 'twenty bytes of text' });
  const opened = await send({ method: 'POST', path: `/${bucket}/parts`, query: 'uploads=' });
  uploadId = childText(parseXml(opened.text), 'UploadId') ?? '';
});
afterAll(() => sandbox.stop());

/** Much longer than an answer takes on a busy machine, so that only a request without an answer exceeds it. */
const mostMillis = 20_000;

/** Sends a request, and fails when no answer comes. */
async function send(
  request: RawRequest,
  change: Readonly<Record<string, string>> = {},
): Promise<RawResponse> {
  const signed = sign(target, request);
  const answer = sendSigned(
    target,
    request,
    { ...signed, headers: { ...signed.headers, ...change } },
    request.body,
  );
  const hangs = new Promise<never>((_, reject) => {
    setTimeout(() => reject(new Error(`no answer to ${request.method} ${request.path}`)), mostMillis).unref();
  });
  return Promise.race([answer, hangs]);
}

/** Expects an answer as S3 gives it: an error has a document that says why, and is not an internal error. */
function expectAnswer({ method }: RawRequest, { status, headers, text }: RawResponse): void {
  expect(status === 501 || status < 500, `${status} ${text}`).toBe(true);
  expect(headers['x-amz-request-id']).toMatch(/^[0-9A-F]{16}$/);
  if (status < 300 || status === 304 || method === 'HEAD') return;
  const root = parseXml(text);
  // The security token service puts its error into another element.
  const error = root.name === 'ErrorResponse' ? (findChildren(root, 'Error')[0] ?? root) : root;
  expect(error.name).toBe('Error');
  expect(childText(error, 'Code')).toMatch(/^[A-Za-z0-9]+$/);
  expect(childText(error, 'Message')).not.toBe('');
}

const method = fc.constantFrom('GET', 'PUT', 'POST', 'DELETE', 'HEAD', 'PATCH', 'OPTIONS');
const numRuns = 1_200;
/** Node's HTTP parser refuses this request before it reaches the store. */
const refusedByParser = {
  method: 'GET' as const,
  path: '/',
  query: '',
  headers: { 'content-disposition': 'á' },
  body: Buffer.from([0]),
};

describe('the store answers as S3 does, and keeps running,', () => {
  it('for a correctly signed request with any method, path, parameters, headers and body', async () => {
    const request = fc.record({
      method,
      path: anyPath(bucket),
      query: anyQuery,
      headers: anyHeaders(bucket),
      body: anyBody,
    });
    await fc.assert(
      fc.asyncProperty(request, async (asked) => expectAnswer(asked, await send(asked))),
      { numRuns, examples: [[refusedByParser]] },
    );
  });

  it.each([
    { method: 'GET', path: '/%00', code: 'NoSuchBucket', why: 'a bucket name that XML cannot contain' },
    {
      method: 'DELETE',
      path: `/${kept}/a`,
      query: 'versionId=%00',
      code: 'InvalidArgument',
      why: 'a malformed version id',
    },
    {
      method: 'GET',
      path: `/${kept}/text`,
      query: 'response-content-type=%E6%97%A5',
      code: 'InvalidArgument',
      why: 'a header value that HTTP cannot contain',
    },
  ])('for a request with $why', async ({ code, why: _, ...asked }) => {
    const answer = await send(asked);
    expectAnswer(asked, answer);
    expect(childText(parseXml(answer.text), 'Code')).toBe(code);
  });

  it('for a request with any XML document', async () => {
    await fc.assert(
      fc.asyncProperty(documents(bucket), async ({ query, key, body }) => {
        const filled = query.replace('UPLOAD', encodeURIComponent(uploadId));
        const asked = {
          method: query.startsWith('delete') || query.startsWith('uploadId') ? 'POST' : 'PUT',
          path: `/${bucket}${key}`,
          query: filled,
          // S3 refuses a DeleteObjects without a digest before it reads the document.
          headers: { 'content-md5': Buffer.from(md5(body), 'hex').toString('base64') },
          body,
        };
        expectAnswer(asked, await send(asked));
      }),
      { numRuns },
    );
  });

  it('for a GET that overrides a header of the answer with any value', async () => {
    const names = ['cache-control', 'content-disposition', 'content-encoding', 'content-type', 'expires'];
    const value = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 8 }),
      fc.constantFrom('日', '\n', '\u0000', 'é'),
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...names), value, async (name, text) => {
        const query = `response-${name}=${encodeStrictly(text)}`;
        const asked: RawRequest = { method: 'GET', path: `/${kept}/text`, query };
        const answer = await send(asked);
        expectAnswer(asked, answer);
        expect([200, 400]).toContain(answer.status);
      }),
      { numRuns: 300 },
    );
  });

  it('for bytes that are not an HTTP request', async () => {
    const garbage = fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
      fc
        .constantFrom('GET\r\n', 'GET / HTTP/9\r\n\r\n', 'PUT /a HTTP/1.1\r\ncontent-length: x\r\n\r\n')
        .map((text) => Buffer.from(text)),
    );
    await fc.assert(
      fc.asyncProperty(garbage, async (bytes) => {
        const text = await sayTo(sandbox.store.url, bytes);
        if (text === '') return;
        expect(text).toMatch(/^HTTP\/1\.1 4\d\d /);
        expect(parseXml(text.slice(text.indexOf('\r\n\r\n') + 4)).name).toBe('Error');
      }),
      { numRuns: 200 },
    );
    expectAnswer({ method: 'GET', path: '/' }, await send({ method: 'GET', path: '/' }));
  });

  it('for a request with any signature', async () => {
    const value = fc.oneof(fc.string({ maxLength: 60 }), spoiled);
    const change = fc.record(
      {
        authorization: value,
        'x-amz-date': value,
        'x-amz-content-sha256': value,
        'x-amz-security-token': value,
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(change, async (headers) => {
        const asked: RawRequest = { method: 'GET', path: `/${bucket}/a` };
        expectAnswer(asked, await send(asked, headers));
      }),
      { numRuns: 500 },
    );
  });

  it('for a signature over a missing header that has the name of a property of every JavaScript object', async () => {
    const request: RawRequest = { method: 'GET', path: `/${kept}/text` };
    const authorization = sign(target, request).headers['authorization'] ?? '';
    const change = { authorization: authorization.replace('SignedHeaders=', 'SignedHeaders=constructor;') };

    const answer = await send(request, change);

    expectAnswer(request, answer);
    expect(childText(parseXml(answer.text), 'Code')).toBe('SignatureDoesNotMatch');
  });

  it('for a request with any body in chunks', async () => {
    await fc.assert(
      fc.asyncProperty(chunkedBody, async ({ payloadHash, length, body, trailer }) => {
        const headers = {
          'content-encoding': 'aws-chunked',
          'x-amz-decoded-content-length': length,
          ...(trailer === undefined ? {} : { 'x-amz-trailer': trailer }),
        };
        const asked: RawRequest = { method: 'PUT', path: `/${bucket}/chunked`, headers, payloadHash, body };
        expectAnswer(asked, await send(asked));
      }),
      { numRuns },
    );
  });

  it('for a request with any range', async () => {
    const range = fc.oneof(
      fc
        .tuple(
          fc.constantFrom('', '0', '5', '19', '20', '99999999999999999999'),
          fc.constantFrom('', '0', '4', '19', '20', '99999999999999999999'),
        )
        .map(([from, to]) => `bytes=${from}-${to}`),
      fc.string({ maxLength: 20 }).map((text) => `bytes=${text}`),
    );
    await fc.assert(
      fc.asyncProperty(range, fc.constantFrom('GET', 'HEAD'), async (text, verb) => {
        const asked: RawRequest = { method: verb, path: `/${kept}/text`, headers: { range: text.trim() } };
        const answer = await send(asked);
        expectAnswer(asked, answer);
        if (answer.status === 206 && verb === 'GET') expect('twenty bytes of text').toContain(answer.text);
      }),
      { numRuns: 300 },
    );
  });
});

/** Sends bytes, closes the connection for writing, and returns everything that the store answers. */
function sayTo(url: string, bytes: Buffer): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.end(bytes));
    const chunks: Buffer[] = [];
    socket.setTimeout(mostMillis, () => socket.destroy(new Error(`no answer to ${bytes.toString('hex')}`)));
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ECONNRESET' ? resolve('') : reject(error),
    );
    socket.on('close', () => resolve(Buffer.concat(chunks).toString()));
  });
}

/** Values that look valid at first. */
const spoiled = fc.constantFrom(
  'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=',
  `AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=${'0'.repeat(64)}`,
  `AWS4-HMAC-SHA256 Credential=nobody/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=${'0'.repeat(64)}`,
  `AWS4-HMAC-SHA256 Credential=local/99999999/us-east-1/s3/aws4_request, SignedHeaders=;;, Signature=${'f'.repeat(64)}`,
  'AWS local:signature',
  '20260101T000000Z',
  '99999999T999999Z',
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
  'STREAMING-NOTHING',
);
