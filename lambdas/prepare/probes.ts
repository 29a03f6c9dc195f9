import { deniedError, listingDeniedError, nameResource } from '../../core/access/access-denied.ts';
import { listAccess } from '../../core/access/role-access.ts';
import type { CopyRequest } from '../../core/model/copy-request.ts';
import { CopyError } from '../../core/model/errors.ts';
import { formatLocation } from '../../core/model/location.ts';
import { findPartition, s3Arn } from '../../core/model/partitions.ts';
import { mapKey, selectPrefix } from '../../core/model/paths.ts';
import type { Deadline } from '../../core/rules/deadline.ts';
import { forEachConcurrently } from '../../core/rules/for-each-concurrently.ts';
import type { Run, WorkBucket } from '../../core/run/open-run.ts';
import { hasCode, hasStatus } from '../../core/s3/failures.ts';
import type { ObjectStore } from '../../core/s3/object-store.ts';
import { findRegion, notFound } from '../../core/s3/regions.ts';
import { RequestLimiter } from '../../core/s3/request-limiter.ts';
import { refuseLockedPartFiles } from './object-lock.ts';
import { probeProperties, refuseLists } from './properties.ts';

/** Of very many prefixes the plan meets the rest. */
const mostProbed = 100;

/** One after the other, the listings of many prefixes would take longer than the function may: all are under way at once. */
const limiter = new RequestLimiter(2 * mostProbed);

interface Listing {
  readonly field: 'src' | 'dest';
  readonly bucket: string;
  readonly store: ObjectStore;
  readonly prefix: string;
}

/** None is begun after the deadline, as when S3 is slow: the plan lists the same prefixes, and ends with the same error. */
async function probeList(run: Run, listing: Listing, deadline: Deadline): Promise<void> {
  const { field, bucket, store, prefix } = listing;
  try {
    await limiter.send(async () => {
      if (!deadline.hasPassed()) await store.list(bucket, prefix, { limit: 1 });
    });
  } catch (error) {
    if (hasCode(error, 'NoSuchBucket')) throw notFound(field, bucket);
    throw hasStatus(error, 403) ? listingDeniedError(run, field, { bucket, prefix }) : error;
  }
}

/** Prefixes that the run will list: none when it only looks up named files. */
function prefixesListed({ copyRequest, path }: Run): string[] {
  const { files, filesFrom, prefixes, prefixesFrom } = copyRequest;
  const hasList =
    files.length > 0 || filesFrom !== undefined || prefixes.length > 0 || prefixesFrom !== undefined;
  const selected = hasList ? prefixes.flatMap((entry) => selectPrefix(path, entry)) : path.selected;
  return selected.flatMap((item) => (item.kind === 'prefix' ? [item.prefix] : [])).slice(0, mostProbed);
}

/** What the run will list for a prefix of its source. */
function listingsOf({ source, destination }: Run, prefix: string): Listing[] {
  const from: Listing = { field: 'src', ...source, prefix };
  if (destination === undefined) return [from];
  const { bucket, lister, mapping } = destination;
  return [from, { field: 'dest', bucket, store: lister, prefix: mapKey(mapping, prefix) }];
}

/**
 * Tries what has a harmless try, with the prefixes and lists that the run will use, all at once.
 *
 * @throws {CopyError} `PermissionError` naming the action and the statement, `BucketNotFoundError` or
 *   `InvalidRequestError`: of several the first in the batch below
 */
export async function probe(run: Run, workBucket: WorkBucket, deadline: Deadline): Promise<void> {
  const prefixes = prefixesListed(run);
  const listings = prefixes.flatMap((prefix) => listingsOf(run, prefix));
  const checks = [
    ...listings.map((listing) => () => probeList(run, listing, deadline)),
    () => refuseLists(run),
    () => refuseLockedPartFiles(run),
    () => probeProperties(run, prefixes),
    () => probeFile('filesFrom', run.copyRequest, workBucket),
    () => probeFile('prefixesFrom', run.copyRequest, workBucket),
  ];
  await forEachConcurrently(checks, checks.length, (check) => check());
}

/**
 * Looks whether a list can be read before anything is planned.
 *
 * @throws {CopyError} `InvalidRequestError` when it does not exist, `PermissionError` when it may not be read
 */
async function probeFile(
  field: 'filesFrom' | 'prefixesFrom',
  request: CopyRequest,
  { stores, region: home }: WorkBucket,
): Promise<void> {
  const list = request[field];
  if (list === undefined) return;
  const access = listAccess(request, list);
  const store = stores.in(await findRegion(field, list.bucket, stores, home, access), access);
  try {
    const head = await limiter.send(() => store.head({ bucket: list.bucket, key: list.path }));
    if (head !== undefined) return;
  } catch (error) {
    if (!hasStatus(error, 403)) throw error;
    throw deniedError({
      field,
      bucket: list.bucket,
      sid: 'ReadLists',
      action: 's3:GetObject',
      resource: s3Arn(findPartition(home), list.bucket, list.path),
      who: nameResource('roles.copy', access.role),
    });
  }
  throw new CopyError(
    'InvalidRequestError',
    `${field}: ${formatLocation(list.bucket, list.path)} does not exist`,
  );
}
