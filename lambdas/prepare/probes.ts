import { CopyError } from '../core/errors.ts';
import { formatLocation } from '../core/location.ts';
import { partitionOf, s3Arn } from '../core/partitions.ts';
import { mapKey, selectPrefix } from '../core/paths.ts';
import type { Request } from '../core/request.ts';
import type { Role } from '../core/roles.ts';
import { hasCode, hasStatus } from '../s3/failures.ts';
import type { ObjectStore } from '../s3/object-store.ts';
import { Requests } from '../s3/requests.ts';
import { listAccess } from '../shared/accesses.ts';
import { notFound, regionOf } from '../shared/regions.ts';
import type { Run, WorkPlace } from '../shared/run.ts';
import { refuseLockedPartFiles } from './object-lock.ts';
import { probeProperties, refuseLists } from './properties.ts';

const requests = new Requests(8);

interface Probe {
  readonly field: string;
  readonly bucket: string;
  readonly store: ObjectStore;
}

interface Denied {
  readonly field: string;
  readonly bucket: string;
  /** Id of the statement in the output of `s3copy policy`. */
  readonly sid: string;
  readonly action: string;
  readonly resource: string;
  readonly condition?: Readonly<Record<string, unknown>>;
  /** Who was denied, and what else would help. */
  readonly who: string;
  readonly advice?: string;
}

const denied = ({ field, bucket, sid, action, resource, condition, who, advice = '' }: Denied): CopyError => {
  const statement = {
    Sid: sid,
    Effect: 'Allow',
    Action: action,
    Resource: resource,
    ...(condition === undefined ? {} : { Condition: condition }),
  };
  return new CopyError(
    'PermissionError',
    `${field}: ${action} on ${resource} is denied to ${who}; it, and the bucket's policy if it is of another ` +
      `account, need the statement ${sid} of "s3copy policy", ${JSON.stringify(statement)}${advice}`,
    { field, bucket, action, statement: sid },
  );
};

const nameOf = (field: string, role: Role | undefined): string =>
  role === undefined ? 'the functions of s3copy' : `the role ${role.arn} (${field})`;

/** What a listing needs, and whose it is. */
type ListDenied = Pick<Denied, 'sid' | 'who' | 'advice'>;

async function probeList(run: Run, probe: Probe, prefix: string, words: ListDenied): Promise<void> {
  try {
    await requests.send(() => probe.store.list(probe.bucket, prefix, { limit: 1 }));
  } catch (error) {
    if (hasCode(error, 'NoSuchBucket')) throw notFound(probe.field, probe.bucket);
    if (!hasStatus(error, 403)) throw error;
    const condition = prefix === '' ? {} : { condition: { StringLike: { 's3:prefix': `${prefix}*` } } };
    const { field, bucket } = probe;
    const resource = s3Arn(partitionOf(run.record.regions.source), bucket);
    throw denied({ field, bucket, action: 's3:ListBucket', resource, ...words, ...condition });
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

function wordsOf({ roles }: Request): { readonly source: ListDenied; readonly destination: ListDenied } {
  const isOwn = roles.destination === undefined;
  const lister = isOwn ? nameOf('roles.copy', roles.copy) : nameOf('roles.destination', roles.destination);
  return {
    source: { sid: 'ListSource', who: nameOf('roles.copy', roles.copy) },
    destination: {
      sid: 'ListDestination',
      who: lister,
      advice: isOwn ? '; or name a role that may list the destination in roles.destination (-d)' : '',
    },
  };
}

/**
 * Tries what has a harmless try, with the prefixes that the run will use.
 *
 * @throws {CopyError} `PermissionError` naming the action and the statement, or `BucketNotFoundError`
 */
export async function probe(run: Run): Promise<void> {
  const words = wordsOf(run.request);
  for (const prefix of prefixesListed(run)) {
    await probeList(run, { field: 'src', ...run.source }, prefix, words.source);
    const { destination } = run;
    if (destination !== undefined) {
      const { bucket, lister, mapping } = destination;
      const there = { field: 'dest', bucket, store: lister };
      await probeList(run, there, mapKey(mapping, prefix), words.destination);
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
      sid: list.bucket === request.src.bucket ? 'ReadSource' : 'ReadLists',
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
