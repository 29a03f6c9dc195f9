import { readRunAccess } from '../../core/access/role-access.ts';
import type { CopyRequest } from '../../core/model/copy-request.ts';
import { CopyError } from '../../core/model/errors.ts';
import type { ObjectStores } from '../../core/s3/clients.ts';
import { findRegion } from '../../core/s3/regions.ts';

/**
 * Looks whether a bucket of part files of its own is there, and in the region of the destination: S3 copies part files
 * to their target within one region.
 *
 * @param region of the destination
 * @throws {CopyError} `BucketNotFoundError`, `InvalidRequestError`
 */
export async function refuseOtherTempBucket(
  request: CopyRequest,
  region: string,
  stores: ObjectStores,
): Promise<void> {
  const { dest, tempPrefix, strategy } = request;
  const { bucket } = tempPrefix;
  if (dest === undefined || bucket === undefined || strategy !== 'staged') return;
  // If S3 does not say, the bucket counts as one of that region. Otherwise the first part file fails.
  const found = await findRegion('tempPrefix', bucket, stores, region, readRunAccess(request).copying);
  if (found === region) return;
  throw new CopyError(
    'InvalidRequestError',
    `tempPrefix: bucket ${JSON.stringify(bucket)} is in ${found}, and part files must be in the region of the ` +
      `destination: name a bucket in ${region}, or a prefix alone to keep them in the destination`,
    { field: 'tempPrefix', bucket },
  );
}
