import { createHash } from 'node:crypto';
import { readHeader, type S3Request } from '../http/s3-request.ts';
import { S3Error } from '../s3-error.ts';
import { type ChunkedMode, decodeAwsChunked } from './aws-chunked.ts';

/** The body of a request, decoded. */
export interface Payload {
  readonly bytes: AsyncIterable<Buffer>;
  /** Size in bytes that the client announced. */
  readonly length: number;
  /** Headers that follow an aws-chunked body. Filled when `bytes` has been read to its end. */
  readonly trailers: ReadonlyMap<string, string>;
}

const modes: Readonly<Record<string, ChunkedMode>> = {
  'STREAMING-UNSIGNED-PAYLOAD-TRAILER': { signed: false, trailer: true },
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD': { signed: true, trailer: false },
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER': { signed: true, trailer: true },
};

function announcedLength(request: S3Request, name: string): number {
  const text = readHeader(request, name);
  if (text === undefined) throw new S3Error('MissingContentLength');
  if (!/^\d+$/.test(text)) throw new S3Error('InvalidArgument', `${name} is not a whole number: ${text}`);
  return Number(text);
}

/**
 * Reads the raw body of a request.
 *
 * @throws {S3Error} `IncompleteBody` when the connection ends before the body
 */
export async function* rawBytes(request: S3Request): AsyncGenerator<Buffer, void, undefined> {
  try {
    // When reading stops early, the connection must stay open for the answer.
    for await (const chunk of request.incoming.iterator({ destroyOnReturn: false })) yield chunk as Buffer;
  } catch {
    throw new S3Error('IncompleteBody');
  }
}

async function* hashed(
  source: AsyncIterable<Buffer>,
  expected: string,
): AsyncGenerator<Buffer, void, undefined> {
  const hash = createHash('sha256');
  for await (const chunk of source) {
    hash.update(chunk);
    yield chunk;
  }
  const computed = hash.digest('hex');
  if (computed !== expected) {
    throw new S3Error('XAmzContentSHA256Mismatch', undefined, {
      details: { ClientComputedContentSHA256: expected, S3ComputedContentSHA256: computed },
    });
  }
}

async function* counted(
  source: AsyncIterable<Buffer>,
  length: number,
): AsyncGenerator<Buffer, void, undefined> {
  let seen = 0;
  for await (const chunk of source) {
    seen += chunk.length;
    if (seen > length)
      throw new S3Error('InvalidRequest', `the body is longer than the ${length} bytes that were announced`);
    yield chunk;
  }
  if (seen < length)
    throw new S3Error('IncompleteBody', undefined, {
      details: { NumberBytesExpected: length, NumberBytesProvided: seen },
    });
}

/**
 * Reads the names in `x-amz-trailer`, in lowercase. S3 accepts only checksums as trailers.
 *
 * @throws {S3Error} `InvalidRequest`
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html (read 2026-11-25)
 */
export function readAnnouncedTrailers(request: S3Request): string[] {
  const header = readHeader(request, 'x-amz-trailer');
  if (header === undefined) return [];
  const names = header
    .toLowerCase()
    .split(',')
    .map((name) => name.trim());
  if (names.every((name) => name.startsWith('x-amz-checksum-'))) return names;
  throw new S3Error('InvalidRequest', 'The value specified in the x-amz-trailer header is not supported');
}

/**
 * Opens the body of a request. The body is checked while it is read, in the way that the client chose: by a hash, by
 * the signatures of chunks, or not at all.
 *
 * @throws {S3Error} `MissingContentLength`; while the body is read, `IncompleteBody`, `XAmzContentSHA256Mismatch` …
 */
export function openPayload(request: S3Request): Payload {
  const hash = readHeader(request, 'x-amz-content-sha256') ?? '';
  const raw = rawBytes(request);
  const announced = readAnnouncedTrailers(request);
  if (hash.startsWith('STREAMING-')) return openChunked(request, raw, hash);
  if (announced.length > 0) throw new S3Error('MalformedTrailerError');
  const length = announcedLength(request, 'content-length');
  const checked = /^[0-9a-f]{64}$/.test(hash) ? hashed(raw, hash) : raw;
  if (checked === raw && hash !== 'UNSIGNED-PAYLOAD') {
    throw new S3Error(
      'InvalidArgument',
      'x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD or a valid sha256 value.',
    );
  }
  return { bytes: counted(checked, length), length, trailers: new Map() };
}

/** Refuses trailers that differ from those announced in `x-amz-trailer`. */
function checkAnnounced(announced: readonly string[], found: readonly string[]): void {
  const isSame = announced.length === found.length && announced.every((name) => found.includes(name));
  if (!isSame) throw new S3Error('MalformedTrailerError');
}

function openChunked(request: S3Request, raw: AsyncIterable<Buffer>, hash: string): Payload {
  const mode = modes[hash];
  if (mode === undefined)
    throw new S3Error('NotImplemented', `x-amz-content-sha256 ${hash} is not implemented`);
  const length = announcedLength(request, 'x-amz-decoded-content-length');
  const announced = readAnnouncedTrailers(request);
  const trailers = new Map<string, string>();
  const decoded = decodeAwsChunked(raw, mode, request.verified, (found) => {
    checkAnnounced(announced, [...found.keys()]);
    for (const [name, value] of found) trailers.set(name, value);
  });
  return { bytes: counted(decoded, length), length, trailers };
}

/**
 * Compares the MD5 of a body with the Content-MD5 that the client sent, if any.
 *
 * @throws {S3Error} `InvalidDigest`, `BadDigest`
 */
export function checkContentMd5(request: S3Request, md5: string): void {
  const given = readHeader(request, 'content-md5');
  if (given === undefined) return;
  if (Buffer.from(given, 'base64').length !== 16) {
    throw new S3Error('InvalidDigest', undefined, { details: { 'Content-MD5': given } });
  }
  if (given !== md5) {
    const message = 'The Content-MD5 you specified did not match what we received.';
    throw new S3Error('BadDigest', message, { details: { ExpectedDigest: given, CalculatedDigest: md5 } });
  }
}
