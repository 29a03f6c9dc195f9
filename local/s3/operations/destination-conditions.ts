import { headerOf } from '../http/s3-request.ts';
import type { Bucket } from '../index/buckets.ts';
import type { ObjectVersion } from '../index/objects.ts';
import { S3Error } from '../s3-error.ts';
import type { Call } from './call.ts';

/** What a client demands of the destination before it is written. */
interface DestinationConditions {
  readonly ifMatch: string | undefined;
  readonly ifNoneMatch: string | undefined;
}

/** An ETag without its quotes. */
export function unquoted(etag: string): string {
  return etag.replace(/^W\//, '').replace(/^"(.*)"$/, '$1');
}

function readConditions(call: Call): DestinationConditions | undefined {
  const ifMatch = headerOf(call.request, 'if-match');
  const ifNoneMatch = headerOf(call.request, 'if-none-match');
  if (ifMatch === undefined && ifNoneMatch === undefined) return undefined;
  if (ifNoneMatch !== undefined && (ifNoneMatch !== '*' || ifMatch !== undefined)) {
    throw new S3Error('NotImplemented', undefined, { details: { Header: 'If-None-Match' } });
  }
  return { ifMatch, ifNoneMatch };
}

function failed(condition: string): S3Error {
  return new S3Error('PreconditionFailed', undefined, { details: { Condition: condition } });
}

function holdTo(
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
 * Runs a write under the client's `If-Match` and `If-None-Match`: they are looked at once when the request arrives,
 * to spare work, and once more at the moment of the effect.
 *
 * @param prepare does what takes time and returns the effect, which must not await
 * @throws {S3Error} `PreconditionFailed`, `ConditionalRequestConflict`; `NoSuchKey` for If-Match on a missing key
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html (read 2026-11-22)
 */
export async function writeUnderConditions<T>(
  call: Call,
  bucket: Bucket,
  key: string,
  prepare: () => Promise<() => T>,
): Promise<T> {
  const conditions = readConditions(call);
  if (conditions === undefined) return (await prepare())();
  if (conditions.ifMatch !== undefined) call.permit('s3:GetObject', bucket.name, key);
  const write = call.conditionalWrites.watch(bucket.name, key);
  try {
    holdTo(conditions, key, call.store.objects.latest(bucket, key));
    const effect = await prepare();
    if (write.conflicts)
      throw new S3Error('ConditionalRequestConflict', undefined, { details: { Key: key } });
    holdTo(conditions, key, call.store.objects.latest(bucket, key));
    return effect();
  } finally {
    write.done();
  }
}
