import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { headerOf, type S3Request } from '../http/s3-request.ts';
import { S3Error } from '../s3-error.ts';
import type { CredentialStore } from './credentials.ts';
import type { Verified } from './verified.ts';

interface Authorization {
  readonly accessKeyId: string;
  readonly date: string;
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

const format =
  /^AWS4-HMAC-SHA256\s+Credential=([^,\s]+)\/(\d{8})\/([^/,\s]+)\/([^/,\s]+)\/aws4_request,\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]{64})$/;

/** Requests signed longer ago than this are refused, as S3 does. */
const maxSkewMs = 15 * 60 * 1000;

function parseAuthorization(value: string): Authorization {
  const match = format.exec(value);
  if (match === null) throw new S3Error('AuthorizationHeaderMalformed');
  const [, accessKeyId = '', date = '', region = '', service = '', headers = '', signature = ''] = match;
  return { accessKeyId, date, region, service, signedHeaders: headers.split(';'), signature };
}

/** Percent-encodes bytes given as Latin-1, all but RFC 3986's unreserved characters (and the slashes of a path). */
function encode(text: string, others = /[^A-Za-z0-9\-._~]/g): string {
  return text.replace(others, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
}

const othersInPath = /[^A-Za-z0-9\-._~/]/g;

function canonicalQuery(query: S3Request['query']): string {
  const latin1 = (text: string): string => Buffer.from(text).toString('latin1');
  const pairs = [...query].map(([name, value]) => [encode(latin1(name)), encode(latin1(value))] as const);
  pairs.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return pairs.map(([name, value]) => `${name}=${value}`).join('&');
}

function canonicalRequest(request: S3Request, headers: readonly string[], payloadHash: string): string {
  const lines = headers.map(
    (name) => `${name}:${(headerOf(request, name) ?? '').trim().replace(/ +/g, ' ')}\n`,
  );
  return [
    request.method,
    encode(request.path, othersInPath),
    canonicalQuery(request.query),
    lines.join(''),
    headers.join(';'),
    payloadHash,
  ].join('\n');
}

/** The key of one day, region and service; kept, since deriving it is four hashes. */
const signingKeys = new Map<string, Buffer>();

function signingKey(secret: string, { date, region, service }: Authorization): Buffer {
  const name = [secret, date, region, service].join('\n');
  let key = signingKeys.get(name);
  if (key === undefined) {
    key = [date, region, service, 'aws4_request'].reduce<Buffer>(
      (previous, text) => hmac(previous, text),
      Buffer.from(`AWS4${secret}`),
    );
    if (signingKeys.size > 1000) signingKeys.clear();
    signingKeys.set(name, key);
  }
  return key;
}

/** HMAC-SHA256. */
export function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

/** SHA-256 in hexadecimal. */
export function sha256Hex(text: string | Buffer): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Compares two signatures without telling where they differ. */
export function sameSignature(expected: string, given: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(given)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function parseAmzDate(text: string): number {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (match === null)
    throw new S3Error('AccessDenied', 'AWS authentication requires a valid Date or x-amz-date header');
  const [year = 0, month = 1, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1).map(Number);
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

function checkScope(authorization: Authorization, date: string, region: string, service: string): void {
  if (authorization.region !== region && service === 's3') {
    const message = `The authorization header is malformed; the region '${authorization.region}' is wrong; expecting '${region}'`;
    throw new S3Error('AuthorizationHeaderMalformed', message, { details: { Region: region } });
  }
  if (authorization.service !== service || !date.startsWith(authorization.date)) {
    throw new S3Error('AuthorizationHeaderMalformed');
  }
}

/**
 * Refuses headers that somebody else could have added: all of `x-amz-` must be signed, but the hash of the body, which
 * the signature holds anyway; and the host.
 *
 * @throws {S3Error} `AccessDenied`
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html (read 2026-11-25)
 */
function checkSigned(request: S3Request, { signedHeaders }: Authorization): void {
  const names = Object.keys(request.incoming.headers).filter(
    (name) => name === 'host' || (name.startsWith('x-amz-') && name !== 'x-amz-content-sha256'),
  );
  const unsigned = names.filter((name) => !signedHeaders.includes(name));
  if (unsigned.length === 0) return;
  throw new S3Error('AccessDenied', 'There were headers present in the request which were not signed', {
    details: { HeadersNotSigned: unsigned.join(', ') },
  });
}

/** What a signature is checked against. */
export interface SignatureContext {
  readonly credentials: CredentialStore;
  readonly region: string;
  readonly now: number;
  readonly service: 's3' | 'sts';
  /** SHA-256 of the body, for services that do not send it in a header. */
  readonly payloadHash?: string;
}

/**
 * Checks the AWS Signature Version 4 in the header of a request.
 *
 * @throws {S3Error} `AccessDenied` without one, `SignatureDoesNotMatch`, `InvalidAccessKeyId`, `RequestTimeTooSkewed` …
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html (read 2026-11-22)
 */
export function verifySignature(request: S3Request, context: SignatureContext): Verified {
  const header = headerOf(request, 'authorization');
  if (header === undefined) {
    if (request.query.has('X-Amz-Signature'))
      throw new S3Error('NotImplemented', 'presigned requests are not implemented');
    throw new S3Error('AccessDenied');
  }
  const authorization = parseAuthorization(header);
  const date = headerOf(request, 'x-amz-date') ?? '';
  const time = parseAmzDate(date);
  const found = context.credentials.find(
    authorization.accessKeyId,
    headerOf(request, 'x-amz-security-token'),
  );
  checkScope(authorization, date, context.region, context.service);
  checkSigned(request, authorization);
  if (Math.abs(context.now - time) > maxSkewMs) throw new S3Error('RequestTimeTooSkewed');
  const key = signingKey(found.secretAccessKey, authorization);
  const scope = [authorization.date, authorization.region, authorization.service, 'aws4_request'].join('/');
  const payloadHash = context.payloadHash ?? headerOf(request, 'x-amz-content-sha256') ?? '';
  const canonical = canonicalRequest(request, authorization.signedHeaders, payloadHash);
  const toSign = ['AWS4-HMAC-SHA256', date, scope, sha256Hex(canonical)].join('\n');
  if (!sameSignature(hmac(key, toSign).toString('hex'), authorization.signature)) {
    throw new S3Error('SignatureDoesNotMatch', undefined, {
      details: {
        AWSAccessKeyId: authorization.accessKeyId,
        StringToSign: toSign,
        CanonicalRequest: canonical,
      },
    });
  }
  const { principal, permissions } = found;
  return { principal, permissions, signingKey: key, scope, date, signature: authorization.signature };
}
