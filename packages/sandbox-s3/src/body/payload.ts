import { createHash } from 'node:crypto';
import { readHeader, type S3Request } from '../http/s3-request.ts';
import { S3Error } from '../s3-error.ts';
import { type ChunkedMode, decodeAwsChunked } from './aws-chunked.ts';

/** The body of a request, decoded. */
export interface Payload {
  readonly bytes: AsyncIterable<Buffer>;
  /** Bytes the client announced. */
  readonly length: number;
  /** Headers behind an aws-chunked body: there once `bytes` has ended. */
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
  if (!/^\d+$/.test(text)) throw new S3Error('InvalidArgument', `${name} is not a number: ${text}`);
  return Number(text);
}

/** Reads the raw body; a connection that ends too early is the client's IncompleteBody. */
export async function* rawBytes(request: S3Request): AsyncGenerator<Buffer, void, undefined> {
  try {
    // The answer still has to go out when reading stops early.
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
      throw new S3Error('InvalidRequest', `body is longer than the ${length} bytes announced`);
    yield chunk;
  }
  if (seen < length)
    throw new S3Error('IncompleteBody', undefined, {
      details: { NumberBytesExpected: length, NumberBytesProvided: seen },
    });
}

/**
 * The names in `x-amz-trailer`, in lowercase: S3 takes checksums alone.
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
 * Opens the body of a request in whichever way the client protects it.
 *
 * @throws {S3Error} `MissingContentLength`; while it is read `IncompleteBody`, `XAmzContentSHA256Mismatch` …
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

/** Those that come must be those of `x-amz-trailer`, all of them and no others. */
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

/** Holds a body to the client's Content-MD5. */
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
