import { readHeader } from '../http/s3-request.ts';
import type { Bucket } from '../index/buckets.ts';
import type { ObjectVersion } from '../index/objects.ts';
import type { Upload } from '../index/uploads.ts';
import { S3Error } from '../s3-error.ts';
import type { Call } from './call.ts';

/** Conditions of the client on the destination. */
interface DestinationConditions {
  readonly ifMatch: string | undefined;
  readonly ifNoneMatch: string | undefined;
}

/** An ETag without its quotes. */
export function unquoted(etag: string): string {
  return etag.replace(/^W\//, '').replace(/^"(.*)"$/, '$1');
}

const notImplemented = (header: string): S3Error =>
  new S3Error('NotImplemented', undefined, { details: { Header: header } });

/** Reads the conditions. `If-Match` accepts only an ETag, `If-None-Match` only `*`, and not both (recorded on AWS). */
function readConditions(call: Call): DestinationConditions | undefined {
  const ifMatch = readHeader(call.request, 'if-match');
  const ifNoneMatch = readHeader(call.request, 'if-none-match');
  if (ifMatch === undefined && ifNoneMatch === undefined) return undefined;
  if (ifMatch !== undefined && ifNoneMatch !== undefined) throw notImplemented('If-Match,If-None-Match');
  if (ifMatch?.trim() === '*') throw notImplemented('If-Match');
  if (ifNoneMatch !== undefined && ifNoneMatch.trim() !== '*') throw notImplemented('If-None-Match');
  return { ifMatch, ifNoneMatch };
}

const conflict = (key: string): S3Error =>
  new S3Error('ConditionalRequestConflict', undefined, { details: { Key: key } });

function failed(condition: string): S3Error {
  return new S3Error('PreconditionFailed', undefined, { details: { Condition: condition } });
}

function checkConditions(
  { ifMatch, ifNoneMatch }: DestinationConditions,
  key: string,
  latest: ObjectVersion | undefined,
): void {
  const current = latest?.marker === true ? undefined : latest;
  if (ifNoneMatch !== undefined && current !== undefined) throw failed('If-None-Match');
  if (ifMatch === undefined) return;
  if (current === undefined) throw new S3Error('NoSuchKey', undefined, { details: { Key: key } });
  if (unquoted(ifMatch) !== current.etag) throw failed('If-Match');
}

/**
 * Refuses a write whose key changed while it was in progress. With `If-None-Match`, a delete is a conflict. With
 * `If-Match`, it is not: the key is simply missing. An upload whose key was written or deleted after the upload was
 * created is always refused, and the client must create another upload.
 */
function checkConflict(
  call: Call,
  { ifMatch }: DestinationConditions,
  key: string,
  write: { readonly conflicts: boolean; readonly upload: Upload | undefined },
): void {
  const { uploads } = call.store;
  const event = ifMatch === undefined ? 'deleted' : 'written';
  const isOvertaken = write.upload !== undefined && uploads.isOvertaken(write.upload.id, event);
  if (isOvertaken || (ifMatch === undefined && write.conflicts)) throw conflict(key);
}

/**
 * Runs a write with the conditions `If-Match` and `If-None-Match` of the client. They are checked when the request
 * arrives, to save work, and again when the write takes effect.
 *
 * @param prepare does everything that takes time, and returns a function that writes, which must not be asynchronous
 * @throws {S3Error} `PreconditionFailed`, `ConditionalRequestConflict`; `NoSuchKey` for If-Match on a missing key
 * @param upload the upload that the write completes, if any
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html (read 2026-11-22)
 * @see https://github.com/localstack/localstack/blob/main/tests/aws/services/s3/test_s3_api.py (read 2026-11-25), recorded on AWS:
 * test_multipart_if_match_with_put, test_multipart_if_none_match_with_delete
 */
export async function writeUnderConditions<T>(
  call: Call,
  bucket: Bucket,
  key: string,
  prepare: () => Promise<() => T>,
  upload?: Upload,
): Promise<T> {
  const conditions = readConditions(call);
  if (conditions === undefined) return (await prepare())();
  if (conditions.ifMatch !== undefined) call.permit('s3:GetObject', bucket.name, key);
  const write = call.conditionalWrites.watch(bucket.name, key);
  try {
    checkConditions(conditions, key, call.store.objects.latest(bucket, key));
    const effect = await prepare();
    checkConditions(conditions, key, call.store.objects.latest(bucket, key));
    checkConflict(call, conditions, key, { conflicts: write.conflicts, upload });
    return effect();
  } finally {
    write.done();
  }
}
