import { createHash } from 'node:crypto';
import { startDigest } from '../checksums/algorithms.ts';
import { readHeader, type S3Request } from '../http/s3-request.ts';
import { S3Error } from '../s3-error.ts';
import { checkContentMd5, openPayload, type Payload, rawBytes } from './payload.ts';
import { proveChecksum, requestedChecksum } from './requested-checksum.ts';

/** Largest document in bytes, unless the operation has a limit of its own. */
const defaultMaxBytes = 4 * 1024 * 1024;

function openDocument(request: S3Request): Payload {
  const isEmpty =
    readHeader(request, 'content-length') === undefined &&
    readHeader(request, 'transfer-encoding') === undefined;
  return isEmpty ? { bytes: rawBytes(request), length: 0, trailers: new Map() } : openPayload(request);
}

async function readBody(request: S3Request, { bytes }: Payload, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of bytes) {
    size += chunk.length;
    if (size > maxBytes) throw new S3Error('MalformedXML');
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks);
  checkContentMd5(request, createHash('md5').update(body).digest('base64'));
  return body;
}

/**
 * Reads a body that is a small document, and compares it with every digest that the client sent.
 * @throws {S3Error} `BadDigest`, `InvalidDigest`, `InvalidRequest`, `MalformedXML` when it is too large …
 */
export async function readDocument(request: S3Request, maxBytes = defaultMaxBytes): Promise<Buffer> {
  const requested = requestedChecksum(request);
  const payload = openDocument(request);
  const body = await readBody(request, payload, maxBytes);
  proveChecksum(requested, payload.trailers, (algorithm) => {
    const digest = startDigest(algorithm);
    digest.update(body);
    return digest.digest().toString('base64');
  });
  return body;
}

/** Reads the document of CompleteMultipartUpload. The checksum headers of that request are about the object, not the document. */
export function readCompletion(request: S3Request): Promise<Buffer> {
  return readBody(request, openDocument(request), defaultMaxBytes);
}

/**
 * Refuses a document that has neither a Content-MD5 nor a checksum.
 *
 * @throws {S3Error} `InvalidRequest`
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html (read 2026-11-25)
 */
export function demandDigest(request: S3Request): void {
  if (readHeader(request, 'content-md5') !== undefined || requestedChecksum(request) !== undefined) return;
  throw new S3Error(
    'InvalidRequest',
    'Missing required header for this request: Content-MD5 OR x-amz-checksum-*',
  );
}
