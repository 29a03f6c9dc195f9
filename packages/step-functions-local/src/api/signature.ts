import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { ApiError } from '../errors.ts';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

const authorizationPattern =
  /^AWS4-HMAC-SHA256 Credential=([^/,]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/;

/**
 * Checks the signature of a request (Signature Version 4).
 *
 * @param unknownKeyAdvice added to the message that refuses an unknown access key
 * @throws {ApiError} when the signature is missing or wrong, or the access key is unknown
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html (read 2026-11-22)
 */
export function checkSignature(
  request: IncomingMessage,
  body: Buffer,
  credentials: Credentials,
  unknownKeyAdvice = '',
): void {
  const { authorization } = request.headers;
  if (!authorization)
    throw new ApiError('MissingAuthenticationTokenException', 'Missing Authentication Token');
  const [, accessKeyId, day, region, service, signedHeaders, signature] =
    authorizationPattern.exec(authorization) ?? [];
  if (accessKeyId !== credentials.accessKeyId) {
    throw new ApiError(
      'UnrecognizedClientException',
      `The security token included in the request is invalid. ${unknownKeyAdvice}`.trimEnd(),
    );
  }
  const scope = `${day}/${region}/${service}/aws4_request`;
  const text = [
    'AWS4-HMAC-SHA256',
    request.headers['x-amz-date'],
    scope,
    sha256(canonical(request, signedHeaders ?? '', body)),
  ].join('\n');
  const key = [day, region, service, 'aws4_request'].reduce<Buffer>(
    (secret, part) => hmac(secret, part ?? ''),
    Buffer.from(`AWS4${credentials.secretAccessKey}`),
  );
  if (!timingSafeEqual(hmac(key, text), Buffer.from(signature ?? '', 'hex'))) {
    throw new ApiError(
      'InvalidSignatureException',
      'The request signature we calculated does not match the signature you provided.',
    );
  }
}

function canonical(request: IncomingMessage, signedHeaders: string, body: Buffer): string {
  const headers = signedHeaders.split(';').map(
    (name) =>
      `${name}:${String(request.headers[name] ?? '')
        .trim()
        .replace(/ +/g, ' ')}\n`,
  );
  return [request.method, '/', '', headers.join(''), signedHeaders, sha256(body)].join('\n');
}

const hmac = (key: Buffer, text: string) => createHmac('sha256', key).update(text).digest();
const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest('hex');
