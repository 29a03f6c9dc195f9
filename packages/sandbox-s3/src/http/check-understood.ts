import { S3Error } from '../s3-error.ts';
import type { S3Request } from './s3-request.ts';

/** Headers that every operation takes, or that say nothing about its meaning. */
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
 * Refuses what would change the meaning of a request and is not implemented, rather than ignore it.
 *
 * @throws {S3Error} `NotImplemented`, naming the operation and the header or parameter
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
    if (name === 'x-id' || query.includes(name)) continue; // x-id: the SDKs name the operation
    throw new S3Error(
      'NotImplemented',
      `${request.operation} with the parameter ${name} is not implemented`,
      { details: { Parameter: name } },
    );
  }
}
