import type { IncomingMessage } from 'node:http';
import type { VerifiedSignature } from '../auth/verified-signature.ts';
import { S3Error } from '../s3-error.ts';
import { nameOperation } from './route.ts';
import { parseTarget, type Target } from './target.ts';

/** A request to the store, without its body. */
export interface S3Request extends Target {
  readonly method: string;
  /** S3's name for the operation. */
  readonly operation: string;
  readonly incoming: IncomingMessage;
  /** The signature, once it was checked. */
  verified?: VerifiedSignature;
}

/** Longest key, in bytes of UTF-8. */
const maxKeyBytes = 1024;

/** The value of a header; undefined when it was not sent. */
export function readHeader(
  request: { readonly incoming: IncomingMessage },
  name: string,
): string | undefined {
  const { headers } = request.incoming;
  const value = Object.hasOwn(headers, name) ? headers[name] : undefined;
  return Array.isArray(value) ? value.join(',') : value;
}

/** Reads everything of a request except its body. */
export function readRequest(incoming: IncomingMessage): S3Request {
  const target = parseTarget(incoming.url ?? '/');
  const method = incoming.method ?? 'GET';
  const copies = incoming.headers['x-amz-copy-source'] !== undefined;
  const operation = nameOperation({
    method,
    bucket: target.bucket,
    key: target.key,
    query: target.query,
    copies,
  });
  return { ...target, method, operation, incoming };
}

/**
 * Refuses a key that is too long for S3.
 *
 * @throws {S3Error} `KeyTooLongError`
 */
export function checkKey(key: string | undefined): void {
  const size = Buffer.byteLength(key ?? '');
  if (size > maxKeyBytes) {
    throw new S3Error('KeyTooLongError', undefined, { details: { Size: size, MaxSizeAllowed: maxKeyBytes } });
  }
}

/**
 * Reads a query parameter that is an integer.
 *
 * @throws {S3Error} `InvalidArgument` when it is not an integer or not in the range
 */
export function readInteger(
  request: S3Request,
  name: string,
  { fallback, min, max }: { fallback: number; min: number; max: number },
): number {
  const text = request.query.get(name);
  if (text === undefined || text === '') return fallback;
  const value = Number(text);
  if (!/^-?\d+$/.test(text) || value < min || value > max) {
    const message =
      value < min || value > max
        ? `Argument ${name} must be an integer between ${min} and ${max}`
        : `Provided ${name} not an integer or within integer range`;
    throw new S3Error('InvalidArgument', message, { details: { ArgumentName: name, ArgumentValue: text } });
  }
  return value;
}
