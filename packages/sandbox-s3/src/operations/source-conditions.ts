import { readHeader, type S3Request } from '../http/s3-request.ts';
import type { ObjectVersion } from '../index/objects.ts';
import { S3Error } from '../s3-error.ts';
import type { Call } from './call.ts';
import { unquoted } from './destination-conditions.ts';

function listHas(list: string, etag: string): boolean {
  return list.split(',').some((entry) => entry.trim() === '*' || unquoted(entry.trim()) === etag);
}

/** Reads a date from a header, in milliseconds since 1970; undefined without the header, and for values that S3 ignores. */
function readDate(request: S3Request, name: string): number | undefined {
  const time = Date.parse(readHeader(request, name) ?? '');
  return Number.isNaN(time) ? undefined : time;
}

/** The header of a condition that is not met; undefined when all are. */
type FailedCondition = 'If-Match' | 'If-None-Match' | 'If-Modified-Since' | 'If-Unmodified-Since' | undefined;

/**
 * Checks the four conditions as RFC 9110 says. Conditions on the ETag take precedence over dates. A date in the future
 * is ignored in `If-Modified-Since`.
 *
 * @param now milliseconds since 1970
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html (read 2026-11-22)
 * @see https://www.rfc-editor.org/rfc/rfc9110#name-if-modified-since (read 2026-11-25)
 * @see https://github.com/localstack/localstack/blob/main/tests/aws/services/s3/test_s3_preconditions.py (read 2026-11-25),
 * recorded on AWS: test_s3_copy_object_preconditions
 */
function findFailedCondition(
  request: S3Request,
  prefix: string,
  object: ObjectVersion,
  now: number,
): FailedCondition {
  const ifMatch = readHeader(request, `${prefix}if-match`);
  const ifNoneMatch = readHeader(request, `${prefix}if-none-match`);
  const unmodifiedSince = readDate(request, `${prefix}if-unmodified-since`);
  const modifiedSince = readDate(request, `${prefix}if-modified-since`);
  if (ifMatch !== undefined) {
    if (!listHas(ifMatch, object.etag)) return 'If-Match';
  } else if (unmodifiedSince !== undefined && object.modified > unmodifiedSince) return 'If-Unmodified-Since';
  if (ifNoneMatch !== undefined) return listHas(ifNoneMatch, object.etag) ? 'If-None-Match' : undefined;
  if (modifiedSince === undefined || modifiedSince > now) return undefined;
  return object.modified <= modifiedSince ? 'If-Modified-Since' : undefined;
}

const preconditionFailed = (condition: string): S3Error =>
  new S3Error('PreconditionFailed', undefined, { details: { Condition: condition } });

/**
 * Checks the conditions of a GET or HEAD.
 *
 * @throws {S3Error} `PreconditionFailed`, `NotModified`
 */
export function checkReadConditions(
  { request, store }: Pick<Call, 'request' | 'store'>,
  object: ObjectVersion,
  headers: Readonly<Record<string, string>>,
): void {
  const failed = findFailedCondition(request, '', object, store.now());
  if (failed === undefined) return;
  if (failed === 'If-None-Match' || failed === 'If-Modified-Since')
    throw new S3Error('NotModified', undefined, { headers });
  throw preconditionFailed(failed);
}

/**
 * Checks the conditions `x-amz-copy-source-if-…` of a copy. S3 answers 412 to each that is not met.
 *
 * @throws {S3Error} `PreconditionFailed`
 */
export function checkCopyConditions(
  { request, store }: Pick<Call, 'request' | 'store'>,
  source: ObjectVersion,
): void {
  const failed = findFailedCondition(request, 'x-amz-copy-source-', source, store.now());
  if (failed !== undefined) throw preconditionFailed(`x-amz-copy-source-${failed}`);
}
