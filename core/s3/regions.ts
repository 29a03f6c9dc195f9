import { CopyError } from '../model/errors.ts';
import type { Access, ObjectStores } from './clients.ts';
import { hasStatus, S3Error } from './failures.ts';
import { RequestLimiter } from './request-limiter.ts';

const limiter = new RequestLimiter(8);

/** The error for a bucket that S3 does not know. */
export const notFound = (field: string, bucket: string): CopyError =>
  new CopyError('BucketNotFoundError', `${field}: bucket ${JSON.stringify(bucket)} does not exist`, {
    field,
    bucket,
  });

/**
 * The region of a bucket, which S3 names also when it refuses to show the bucket.
 *
 * @param field field of the request, for the message
 * @param home region to ask in, and the answer of servers that tell none
 * @param access by whom it is asked
 * @throws {CopyError} `BucketNotFoundError`
 */
export async function findRegion(
  field: string,
  bucket: string,
  stores: ObjectStores,
  home: string,
  access: Access = {},
): Promise<string> {
  try {
    return (await limiter.send(() => stores.in(home, access).headBucket(bucket))) ?? home;
  } catch (error) {
    if (hasStatus(error, 404)) throw notFound(field, bucket);
    if (error instanceof S3Error && error.region !== undefined) return error.region;
    if (hasStatus(error, 403)) return home;
    throw error;
  }
}
