import { headerOf, type S3Request } from '../http/s3-request.ts';
import type { ObjectVersion } from '../index/objects.ts';
import { S3Error } from '../s3-error.ts';
import { unquoted } from './destination-conditions.ts';

function listHas(list: string, etag: string): boolean {
  return list.split(',').some((entry) => entry.trim() === '*' || unquoted(entry.trim()) === etag);
}

/** The date of a header in milliseconds; undefined when absent or no date, which S3 ignores. */
function dateOf(request: S3Request, name: string): number | undefined {
  const time = Date.parse(headerOf(request, name) ?? '');
  return Number.isNaN(time) ? undefined : time;
}

/** Outcome of the four conditions on something that is read. */
type Verdict = 'holds' | 'precondition-failed' | 'not-modified';

/**
 * Decides the four conditions by RFC 9110: the ETag ones win over the dates.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html (read 2026-11-22)
 */
function judge(request: S3Request, prefix: string, object: ObjectVersion): Verdict {
  const ifMatch = headerOf(request, `${prefix}if-match`);
  const ifNoneMatch = headerOf(request, `${prefix}if-none-match`);
  const unmodifiedSince = dateOf(request, `${prefix}if-unmodified-since`);
  const modifiedSince = dateOf(request, `${prefix}if-modified-since`);
  if (ifMatch !== undefined) {
    if (!listHas(ifMatch, object.etag)) return 'precondition-failed';
  } else if (unmodifiedSince !== undefined && object.modified > unmodifiedSince) return 'precondition-failed';
  if (ifNoneMatch !== undefined) return listHas(ifNoneMatch, object.etag) ? 'not-modified' : 'holds';
  return modifiedSince !== undefined && object.modified <= modifiedSince ? 'not-modified' : 'holds';
}

/**
 * Conditions of a GET or HEAD.
 * @throws {S3Error} `PreconditionFailed`, `NotModified`
 */
export function checkReadConditions(
  request: S3Request,
  object: ObjectVersion,
  headers: Readonly<Record<string, string>>,
): void {
  const verdict = judge(request, '', object);
  if (verdict === 'not-modified') throw new S3Error('NotModified', undefined, { headers });
  if (verdict === 'precondition-failed')
    throw new S3Error('PreconditionFailed', undefined, { details: { Condition: 'If-Match' } });
}

/**
 * `x-amz-copy-source-if-…`: of a copy every condition that fails is a 412.
 * @throws {S3Error} `PreconditionFailed`
 */
export function checkCopyConditions(request: S3Request, source: ObjectVersion): void {
  if (judge(request, 'x-amz-copy-source-', source) !== 'holds') {
    throw new S3Error('PreconditionFailed', undefined, {
      details: { Condition: 'x-amz-copy-source-If-Match' },
    });
  }
}
