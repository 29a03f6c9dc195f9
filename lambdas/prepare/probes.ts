import { CopyError } from '../core/errors.ts';
import { formatLocation } from '../core/location.ts';
import { partitionOf, s3Arn } from '../core/partitions.ts';
import { mapKey, selectPrefix } from '../core/paths.ts';
import type { Request } from '../core/request.ts';
import { hasCode, hasStatus } from '../s3/failures.ts';
import type { ObjectStore } from '../s3/object-store.ts';
import { Requests } from '../s3/requests.ts';
import { listAccess } from '../shared/accesses.ts';
import { denied, listingDenied, nameOf } from '../shared/refusals.ts';
import { notFound, regionOf } from '../shared/regions.ts';
import type { Run, WorkPlace } from '../shared/run.ts';
import { refuseLockedPartFiles } from './object-lock.ts';
import { probeProperties, refuseLists } from './properties.ts';

const requests = new Requests(8);

interface Probe {
  readonly field: 'src' | 'dest';
  readonly bucket: string;
  readonly store: ObjectStore;
}

async function probeList(run: Run, probe: Probe, prefix: string): Promise<void> {
  const { field, bucket, store } = probe;
  try {
    await requests.send(() => store.list(bucket, prefix, { limit: 1 }));
  } catch (error) {
    if (hasCode(error, 'NoSuchBucket')) throw notFound(field, bucket);
    throw hasStatus(error, 403) ? listingDenied(run, field, { bucket, prefix }) : error;
  }
}

/** Of very many prefixes the plan meets the rest. */
const mostProbed = 100;

/** Prefixes that the run will list: none when it only looks up named files. */
function prefixesListed({ request, path }: Run): string[] {
  const { files, filesFrom, prefixes, prefixesFrom } = request;
  const hasList =
    files.length > 0 || filesFrom !== undefined || prefixes.length > 0 || prefixesFrom !== undefined;
  const selected = hasList ? prefixes.flatMap((entry) => selectPrefix(path, entry)) : path.selected;
  return selected.flatMap((item) => (item.kind === 'prefix' ? [item.prefix] : [])).slice(0, mostProbed);
}

/**
 * Tries what has a harmless try, with the prefixes that the run will use.
 *
 * @throws {CopyError} `PermissionError` naming the action and the statement, or `BucketNotFoundError`
 */
export async function probe(run: Run): Promise<void> {
  for (const prefix of prefixesListed(run)) {
    await probeList(run, { field: 'src', ...run.source }, prefix);
    const { destination } = run;
    if (destination !== undefined) {
      const { bucket, lister, mapping } = destination;
      const there = { field: 'dest', bucket, store: lister } as const;
      await probeList(run, there, mapKey(mapping, prefix));
    }
  }
  await refuseLists(run);
  await refuseLockedPartFiles(run);
  await probeProperties(run, prefixesListed(run));
}

/**
 * Looks whether a list can be read before anything is planned.
 *
 * @throws {CopyError} `InvalidRequestError` when it does not exist, `PermissionError` when it may not be read
 */
export async function probeFile(
  field: 'filesFrom' | 'prefixesFrom',
  request: Request,
  { stores, region: home }: WorkPlace,
): Promise<void> {
  const list = request[field];
  if (list === undefined) return;
  const access = listAccess(request, list);
  const store = stores.in(await regionOf(field, list.bucket, stores, home, access), access);
  try {
    const head = await requests.send(() => store.head({ bucket: list.bucket, key: list.path }));
    if (head !== undefined) return;
  } catch (error) {
    if (!hasStatus(error, 403)) throw error;
    throw denied({
      field,
      bucket: list.bucket,
      sid: 'ReadLists',
      action: 's3:GetObject',
      resource: s3Arn(partitionOf(home), list.bucket, list.path),
      who: nameOf('roles.copy', access.role),
    });
  }
  throw new CopyError(
    'InvalidRequestError',
    `${field}: ${formatLocation(list.bucket, list.path)} does not exist`,
  );
}
