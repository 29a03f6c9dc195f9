import { readRunAccess } from '../../core/access/role-access.ts';
import type { CopyRequest } from '../../core/model/copy-request.ts';
import { CopyError } from '../../core/model/errors.ts';
import type { Access, ObjectStores } from '../../core/s3/clients.ts';
import { hasStatus } from '../../core/s3/failures.ts';
import type { ObjectStore } from '../../core/s3/object-store.ts';
import { RequestLimiter } from '../../core/s3/request-limiter.ts';

const limiter = new RequestLimiter(2);

interface Expected {
  readonly field: 'srcOwner' | 'destOwner';
  readonly bucket: string;
  readonly owner: string | undefined;
  readonly region: string;
  readonly access: Access;
}

async function mayLookAt(store: ObjectStore, bucket: string): Promise<boolean> {
  try {
    await limiter.send(() => store.headBucket(bucket));
    return true;
  } catch (error) {
    if (hasStatus(error, 403)) return false;
    throw error;
  }
}

/**
 * S3 refuses a wrong owner with the same words as a missing right. One more look at the bucket, and at nothing in it,
 * without naming an owner tells them apart, unless that is denied, too.
 */
async function refuseWrongOwner(expected: Expected, stores: ObjectStores): Promise<void> {
  const { field, bucket, owner, region, access } = expected;
  if (owner === undefined || (await mayLookAt(stores.in(region, access), bucket))) return;
  const { terms: _, ...withoutTerms } = access;
  if (!(await mayLookAt(stores.in(region, withoutTerms), bucket))) return;
  throw new CopyError(
    'InvalidRequestError',
    `${field}: bucket ${JSON.stringify(bucket)} does not belong to account ${owner}; nothing was read or written`,
    { field, bucket },
  );
}

/**
 * Holds the buckets of a request to the accounts that it names. Every later request says them again.
 *
 * @throws {CopyError} `InvalidRequestError`
 */
export async function refuseWrongOwners(
  request: CopyRequest,
  regions: { readonly source: string; readonly destination: string },
  stores: ObjectStores,
): Promise<void> {
  const { src, dest, tempPrefix, srcOwner, destOwner } = request;
  const { copying, listing } = readRunAccess(request);
  const source = { field: 'srcOwner', owner: srcOwner, region: regions.source, access: copying } as const;
  await refuseWrongOwner({ ...source, bucket: src.bucket }, stores);
  const there = { field: 'destOwner', owner: destOwner, region: regions.destination } as const;
  if (dest !== undefined) await refuseWrongOwner({ ...there, access: listing, bucket: dest.bucket }, stores);
  const { bucket: temp } = tempPrefix;
  if (temp !== undefined) await refuseWrongOwner({ ...there, access: copying, bucket: temp }, stores);
}
