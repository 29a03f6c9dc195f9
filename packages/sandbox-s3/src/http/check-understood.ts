import { S3Error } from '../s3-error.ts';
import type { S3Request } from './s3-request.ts';

/** Headers that every operation accepts, or that do not change the meaning of a request. */
const everywhere = new Set([
  'x-amz-content-sha256',
  'x-amz-date',
  'x-amz-decoded-content-length',
  'x-amz-expected-bucket-owner',
  'x-amz-request-payer',
  'x-amz-security-token',
  'x-amz-te',
  'x-amz-user-agent',
]);

function fits(name: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) =>
    pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern,
  );
}

/**
 * Refuses a request with a header or a query parameter that the operation does not implement, instead of ignoring it.
 *
 * @throws {S3Error} `NotImplemented`, with the names of the operation and of the header or parameter
 */
export function checkUnderstood(
  request: S3Request,
  headers: readonly string[] = [],
  query: readonly string[] = [],
): void {
  for (const name of Object.keys(request.incoming.headers)) {
    if (!name.startsWith('x-amz-') || everywhere.has(name) || fits(name, headers)) continue;
    throw new S3Error('NotImplemented', `${request.operation} with the header ${name} is not implemented`, {
      details: { Header: name },
    });
  }
  for (const name of request.query.keys()) {
    if (name === 'x-id' || query.includes(name)) continue; // The SDKs send the name of the operation as x-id.
    throw new S3Error(
      'NotImplemented',
      `${request.operation} with the parameter ${name} is not implemented`,
      { details: { Parameter: name } },
    );
  }
}
