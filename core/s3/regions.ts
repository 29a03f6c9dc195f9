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
 * Finds the region of a bucket. S3 returns it even when it denies access to the bucket.
 *
 * @param field field of the request, for the message
 * @param home region to send the request to, and the result for servers that return none
 * @param access the role that sends the request
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
