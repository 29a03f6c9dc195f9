import { createHash, timingSafeEqual } from 'node:crypto';
import { Sha256 } from '@smithy/core/checksum';
import { ALGORITHM_IDENTIFIER, createScope, getCanonicalHeaders, SignatureV4 } from '@smithy/signature-v4';
import { readHeader, type S3Request } from '../http/s3-request.ts';
import { S3Error } from '../s3-error.ts';
import type { CredentialStore } from './credentials.ts';
import type { VerifiedSignature } from './verified-signature.ts';

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

/** The largest difference between the time of a signature and the time of the store that S3 accepts. */
const maxSkewMs = 15 * 60 * 1000;

function parseAuthorization(value: string): Authorization {
  const match = format.exec(value);
  if (match === null) throw new S3Error('AuthorizationHeaderMalformed');
  const [, accessKeyId = '', date = '', region = '', service = '', headers = '', signature = ''] = match;
  return { accessKeyId, date, region, service, signedHeaders: headers.split(';'), signature };
}

/** Percent-encodes a path, given as bytes in Latin-1: everything except slashes and the unreserved characters of RFC 3986. */
function encodePath(path: string): string {
  return path.replace(
    /[^A-Za-z0-9\-._~/]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}

/**
 * The signer of the AWS SDK, extended so that it can compute the signature of a request that was received. For S3, the
 * signer takes a path that is already encoded (`uriEscapePath: false`).
 */
class ReceivedRequestSigner extends SignatureV4 {
  canonicalRequest(request: S3Request, signedHeaders: readonly string[], payloadHash: string): string {
    const headers = Object.fromEntries(signedHeaders.map((name) => [name, readHeader(request, name) ?? '']));
    const signable = {
      method: request.method,
      protocol: 'http:',
      hostname: headers['host'] ?? '',
      path: encodePath(request.path),
      query: Object.fromEntries(request.query),
      headers,
    };
    const canonicalHeaders = getCanonicalHeaders(signable, undefined, new Set(signedHeaders));
    return this.createCanonicalRequest(signable, canonicalHeaders, payloadHash);
  }

  stringToSign(date: string, scope: string, canonicalRequest: string): Promise<string> {
    return this.createStringToSign(date, scope, canonicalRequest, ALGORITHM_IDENTIFIER);
  }
}

/** SHA-256 in hexadecimal. */
export function sha256Hex(text: string | Buffer): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Compares two signatures in constant time. */
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
 * Refuses a request with headers that anyone could have added after it was signed. The host and all headers that start
 * with `x-amz-` must be signed. The hash of the body is an exception, because it is part of every signature.
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

/** What is needed to check a signature. */
export interface SignatureContext {
  readonly credentials: CredentialStore;
  readonly region: string;
  readonly now: number;
  readonly service: 's3' | 'sts';
  /** SHA-256 of the body in hexadecimal, for services whose clients do not send it in a header. */
  readonly payloadHash?: string;
}

/**
 * Checks the AWS Signature Version 4 in the Authorization header of a request.
 *
 * @throws {S3Error} `AccessDenied` when there is no signature, `SignatureDoesNotMatch`, `InvalidAccessKeyId`,
 * `RequestTimeTooSkewed`, `NotImplemented` for a presigned request …
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html (read 2026-11-22)
 */
export async function verifySignature(
  request: S3Request,
  context: SignatureContext,
): Promise<VerifiedSignature> {
  const header = readHeader(request, 'authorization');
  if (header === undefined) {
    if (request.query.has('X-Amz-Signature'))
      throw new S3Error('NotImplemented', 'presigned requests are not implemented');
    throw new S3Error('AccessDenied');
  }
  const authorization = parseAuthorization(header);
  const date = readHeader(request, 'x-amz-date') ?? '';
  const time = parseAmzDate(date);
  const found = context.credentials.find(
    authorization.accessKeyId,
    readHeader(request, 'x-amz-security-token'),
  );
  checkScope(authorization, date, context.region, context.service);
  checkSigned(request, authorization);
  if (Math.abs(context.now - time) > maxSkewMs) throw new S3Error('RequestTimeTooSkewed');
  const { accessKeyId, secretAccessKey } = found;
  const signer = new ReceivedRequestSigner({
    credentials: { accessKeyId, secretAccessKey },
    region: authorization.region,
    service: authorization.service,
    sha256: Sha256,
    uriEscapePath: false,
  });
  const scope = createScope(authorization.date, authorization.region, authorization.service);
  const payloadHash = context.payloadHash ?? readHeader(request, 'x-amz-content-sha256') ?? '';
  const canonical = signer.canonicalRequest(request, authorization.signedHeaders, payloadHash);
  const toSign = await signer.stringToSign(date, scope, canonical);
  const sign = (text: string): Promise<string> => signer.sign(text, { signingDate: new Date(time) });
  if (!sameSignature(await sign(toSign), authorization.signature)) {
    throw new S3Error('SignatureDoesNotMatch', undefined, {
      details: {
        AWSAccessKeyId: authorization.accessKeyId,
        StringToSign: toSign,
        CanonicalRequest: canonical,
      },
    });
  }
  const { principal, permissions } = found;
  return { principal, permissions, sign, scope, date, signature: authorization.signature };
}
