import { createHash, createHmac } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { GetObjectCommand, HeadObjectCommand } from '@aws-sdk/client-s3';
import { expect } from 'vitest';
import { bytes, md5, sha256 } from './bodies.ts';
import { errorCode } from './expectations.ts';
import { fact, startJudge, type World } from './fact.ts';
import { type RawRequest, type RawResponse, type Signed, sendSigned, sign } from './raw-request.ts';
import { sources } from './sources.ts';

startJudge();

const body = bytes(150_000);
const chunkBytes = 64 * 1024;
const hex = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');

function crc32Base64(data: Buffer): string {
  const out = Buffer.alloc(4);
  out.writeUInt32BE(crc32(data));
  return out.toString('base64');
}

function pieces(): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at < body.length; at += chunkBytes) found.push(body.subarray(at, at + chunkBytes));
  return [...found, Buffer.alloc(0)];
}

/** Writes the body in chunks, each with a signature that depends on the signature before it. */
function signedChunks(signed: Signed, spoil = false): { framed: Buffer; last: string } {
  let previous = signed.signature;
  const framed = pieces().map((piece, index) => {
    const text = ['AWS4-HMAC-SHA256-PAYLOAD', signed.date, signed.scope, previous, hex(''), hex(piece)].join(
      '\n',
    );
    previous = createHmac('sha256', signed.key).update(text).digest('hex');
    const shown = spoil && index === 1 ? hex('spoilt') : previous;
    const head = Buffer.from(`${piece.length.toString(16)};chunk-signature=${shown}\r\n`);
    return Buffer.concat([head, piece, Buffer.from(piece.length === 0 ? '' : '\r\n')]);
  });
  return { framed: Buffer.concat(framed), last: previous };
}

const decoded = { 'content-encoding': 'aws-chunked', 'x-amz-decoded-content-length': String(body.length) };

function putSigned({ judge, bucket }: World, key: string, spoil: boolean): Promise<RawResponse> {
  const request: RawRequest = {
    method: 'PUT',
    path: `/${bucket}/${key}`,
    headers: decoded,
    payloadHash: 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
  };
  const signed = sign(judge, request);
  return sendSigned(
    judge,
    request,
    signed,
    Buffer.concat([signedChunks(signed, spoil).framed, Buffer.from('\r\n')]),
  );
}

async function expectBody({ s3, bucket }: World, key: string): Promise<void> {
  const read = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  expect(md5(Buffer.from((await read.Body?.transformToByteArray()) ?? []))).toBe(md5(body));
  expect(read.ContentEncoding ?? '').toBe('');
}

fact('a body in signed chunks is stored without the chunk headers', sources.chunked, async (world) => {
  expect(await putSigned(world, 'signed-chunks', false)).toMatchObject({ status: 200 });
  await expectBody(world, 'signed-chunks');
});

fact('a chunk with a wrong signature is refused', sources.chunked, async (world) => {
  const answer = await putSigned(world, 'spoilt', true);
  expect(answer.status).toBe(403);
  expect(answer.text).toContain('<Code>SignatureDoesNotMatch</Code>');
  const head = new HeadObjectCommand({ Bucket: world.bucket, Key: 'spoilt' });
  await expect(world.s3.send(head)).rejects.toMatchObject({ name: 'NotFound' });
});

/** How a body with a trailer differs from a correct one. */
interface Spoilt {
  /** @default x-amz-checksum-crc32 */
  readonly announced?: string | undefined;
  /** @default only the announced checksum */
  readonly trailers?: readonly string[];
  /** Size in the header of each chunk. @default the real size, in hexadecimal */
  readonly size?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

function putUnsigned(
  { judge, bucket }: World,
  key: string,
  checksum: string,
  spoilt: Spoilt = {},
): Promise<RawResponse> {
  const { announced, trailers = [`x-amz-checksum-crc32:${checksum}`] } = {
    announced: 'x-amz-checksum-crc32',
    ...spoilt,
  };
  const request: RawRequest = {
    method: 'PUT',
    path: `/${bucket}/${key}`,
    headers: {
      ...decoded,
      ...(announced === undefined ? {} : { 'x-amz-trailer': announced }),
      ...spoilt.headers,
    },
    payloadHash: 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
  };
  const framed = pieces().map((piece) => {
    const end = piece.length === 0 ? '' : '\r\n';
    const size = spoilt.size ?? piece.length.toString(16);
    return Buffer.concat([Buffer.from(`${size}\r\n`), piece, Buffer.from(end)]);
  });
  const trailer = Buffer.from(`${trailers.map((line) => `${line}\r\n`).join('')}\r\n`);
  return sendSigned(judge, request, sign(judge, request), Buffer.concat([...framed, trailer]));
}

fact('a checksum in a trailer must match the body', sources.chunkedTrailers, async (world) => {
  expect(await putUnsigned(world, 'trailer', crc32Base64(body))).toMatchObject({ status: 200 });
  await expectBody(world, 'trailer');
  const answer = await putUnsigned(world, 'wrong-trailer', crc32Base64(Buffer.from('other')));
  expect(answer.status).toBe(400);
  expect(answer.text).toContain('<Code>BadDigest</Code>');
});

fact(
  'a trailer that is missing, another or not announced is answered MalformedTrailerError',
  sources.recordedTrailers,
  async (world) => {
    const wrongs: Record<string, Spoilt> = {
      missing: { trailers: [] },
      another: { trailers: [`x-amz-checksum-sha256:${sha256(body)}`] },
      unannounced: { announced: undefined },
    };
    for (const [key, spoilt] of Object.entries(wrongs)) {
      const answer = await putUnsigned(world, key, crc32Base64(body), spoilt);
      expect([key, answer.status, errorCode(answer.text)]).toEqual([key, 400, 'MalformedTrailerError']);
      const head = new HeadObjectCommand({ Bucket: world.bucket, Key: key });
      await expect(world.s3.send(head)).rejects.toMatchObject({ name: 'NotFound' });
    }
  },
);

fact('a chunk with a malformed size is answered IncompleteBody', sources.recordedTrailers, async (world) => {
  const answer = await putUnsigned(world, 'no-size', crc32Base64(body), { size: 'size' });
  expect([answer.status, errorCode(answer.text)]).toEqual([400, 'IncompleteBody']);
});

fact(
  'a request that names a checksum algorithm without a checksum is answered InvalidRequest',
  sources.recordedTrailers,
  async ({ raw, bucket }) => {
    const headers = { 'x-amz-sdk-checksum-algorithm': 'CRC32' };
    const answer = await raw({ method: 'PUT', path: `/${bucket}/named-alone`, headers, body: 'x' });
    expect([answer.status, errorCode(answer.text)]).toEqual([400, 'InvalidRequest']);
  },
);

function putSignedTrailer(
  { judge, bucket }: World,
  key: string,
  checksum: string,
  spoil = false,
): Promise<RawResponse> {
  const request: RawRequest = {
    method: 'PUT',
    path: `/${bucket}/${key}`,
    headers: { ...decoded, 'x-amz-trailer': 'x-amz-checksum-crc32' },
    payloadHash: 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER',
  };
  const signed = sign(judge, request);
  const { framed, last } = signedChunks(signed);
  const text = [
    'AWS4-HMAC-SHA256-TRAILER',
    signed.date,
    signed.scope,
    last,
    hex(`x-amz-checksum-crc32:${checksum}\n`),
  ].join('\n');
  const signature = createHmac('sha256', signed.key)
    .update(spoil ? `${text}!` : text)
    .digest('hex');
  const trailer = `x-amz-checksum-crc32:${checksum}\r\nx-amz-trailer-signature:${signature}\r\n\r\n`;
  return sendSigned(judge, request, signed, Buffer.concat([framed, Buffer.from(trailer)]));
}

fact(
  'the signature of a trailer depends on the signature of the last chunk',
  sources.chunkedTrailers,
  async (world) => {
    expect(await putSignedTrailer(world, 'signed-trailer', crc32Base64(body))).toMatchObject({ status: 200 });
    await expectBody(world, 'signed-trailer');
  },
);

fact('a trailer with a wrong signature is refused', sources.chunkedTrailers, async (world) => {
  const answer = await putSignedTrailer(world, 'spoilt-trailer', crc32Base64(body), true);
  expect([answer.status, errorCode(answer.text)]).toEqual([403, 'SignatureDoesNotMatch']);
  const head = new HeadObjectCommand({ Bucket: world.bucket, Key: 'spoilt-trailer' });
  await expect(world.s3.send(head)).rejects.toMatchObject({ name: 'NotFound' });
});

/** Sends a request with headers that are not signed. */
function putWithUnsigned(
  { judge, bucket }: World,
  key: string,
  unsigned: Record<string, string>,
): Promise<RawResponse> {
  const request: RawRequest = { method: 'PUT', path: `/${bucket}/${key}` };
  const signed = sign(judge, request);
  return sendSigned(judge, request, { ...signed, headers: { ...signed.headers, ...unsigned } }, 'x');
}

fact(
  'a request with an x-amz-… header that is not signed is answered AccessDenied',
  sources.signature,
  async (world) => {
    const answer = await putWithUnsigned(world, 'unsigned', { 'x-amz-meta-a': 'b' });
    expect([answer.status, errorCode(answer.text)]).toEqual([403, 'AccessDenied']);
    expect(answer.text).toContain('There were headers present in the request which were not signed');
  },
);

fact('headers that do not start with x-amz- need not be signed', sources.signature, async (world) => {
  expect(await putWithUnsigned(world, 'typed', { 'content-type': 'text/x' })).toMatchObject({ status: 200 });
});

fact(
  'a request without a signed host is answered AccessDenied',
  sources.signature,
  async ({ judge, bucket }) => {
    const request: RawRequest = { method: 'PUT', path: `/${bucket}/no-host`, unsignedHost: true };
    const answer = await sendSigned(judge, request, sign(judge, request), 'x');
    expect([answer.status, errorCode(answer.text)]).toEqual([403, 'AccessDenied']);
  },
);

fact(
  'a wrong secret key is answered SignatureDoesNotMatch, and an unknown access key InvalidAccessKeyId',
  sources.signature,
  async ({ raw, bucket }) => {
    const wrong = await raw({ method: 'GET', path: `/${bucket}/k`, secret: 'wrong' });
    expect(wrong.status).toBe(403);
    expect(wrong.text).toContain('<Code>SignatureDoesNotMatch</Code>');
    const unknown = await raw({ method: 'GET', path: `/${bucket}/k`, accessKeyId: 'AKIANOBODY' });
    expect(unknown.status).toBe(403);
    expect(unknown.text).toContain('<Code>InvalidAccessKeyId</Code>');
  },
);

fact(
  'a body that does not match its signed SHA-256 is refused',
  sources.signature,
  async ({ raw, bucket }) => {
    const answer = await raw({
      method: 'PUT',
      path: `/${bucket}/other-body`,
      payloadHash: hex('this'),
      body: 'that',
    });
    expect(answer.status).toBe(400);
    expect(answer.text).toContain('<Code>XAmzContentSHA256Mismatch</Code>');
  },
);

fact(
  'a request without a signature is answered AccessDenied',
  sources.signature,
  async ({ judge, bucket }) => {
    const answer = await fetch(`${judge.endpoint}/${bucket}/k`);
    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain('<Code>AccessDenied</Code>');
  },
);

fact('an error has a code, and every answer a request id', sources.errors, async ({ raw, bucket }) => {
  const answer = await raw({ method: 'GET', path: `/${bucket}/missing` });
  expect(answer.headers['x-amz-request-id']).toMatch(/./);
  expect(answer.headers['content-type']).toBe('application/xml');
  expect(answer.text).toMatch(/^<\?xml version="1.0" encoding="UTF-8"\?>\s*<Error><Code>NoSuchKey<\/Code>/);
});
