import { CopyError } from '../core/errors.ts';
import { formatLocation, type Location } from '../core/location.ts';
import { mapKey } from '../core/paths.ts';
import type { ObjectStores } from '../s3/clients.ts';
import { hasCode, hasStatus } from '../s3/failures.ts';
import type { ObjectStore } from '../s3/object-store.ts';
import { Requests } from '../s3/requests.ts';
import { notFound, regionOf } from '../shared/regions.ts';
import type { Run } from '../shared/run.ts';

const requests = new Requests(8);

interface Probe {
  readonly field: string;
  readonly bucket: string;
  readonly store: ObjectStore;
}

const denied = ({ field, bucket }: Probe, action: string, resource: string, condition: string): CopyError => {
  const statement = `{"Effect": "Allow", "Action": "${action}", "Resource": "${resource}"${condition}}`;
  return new CopyError(
    'PermissionError',
    `${field}: ${action} on ${resource} is denied; the role of s3copy, and the bucket's policy if it is in another ` +
      `account, need the statement ${statement}`,
    { field, bucket, action },
  );
};

async function probeList(probe: Probe, prefix: string): Promise<void> {
  try {
    await requests.send(() => probe.store.list(probe.bucket, prefix, { limit: 1 }));
  } catch (error) {
    if (hasCode(error, 'NoSuchBucket')) throw notFound(probe.field, probe.bucket);
    if (!hasStatus(error, 403)) throw error;
    const condition =
      prefix === '' ? '' : `, "Condition": {"StringLike": {"s3:prefix": ${JSON.stringify(`${prefix}*`)}}}`;
    throw denied(probe, 's3:ListBucket', `arn:aws:s3:::${probe.bucket}`, condition);
  }
}

/** Prefixes that the run will list: none when it only looks up named files. */
function prefixesListed(run: Run): string[] {
  const { files, filesFrom, prefixes, prefixesFrom } = run.request;
  const hasList =
    files.length > 0 || filesFrom !== undefined || prefixes.length > 0 || prefixesFrom !== undefined;
  if (hasList) return prefixes.length > 0 ? [`${run.path.folder}${prefixes[0]?.replace(/\*$/, '')}`] : [];
  return run.path.selected.flatMap((item) => (item.kind === 'prefix' ? [item.prefix] : []));
}

/**
 * Tries what has a harmless try, with the prefixes that the run will use.
 *
 * @throws {CopyError} `PermissionError` naming the action and the statement, or `BucketNotFoundError`
 */
export async function probe(run: Run): Promise<void> {
  for (const prefix of prefixesListed(run)) {
    await probeList({ field: 'src', ...run.source }, prefix);
    const { destination } = run;
    if (destination !== undefined) {
      await probeList({ field: 'dest', ...destination }, mapKey(destination.mapping, prefix));
    }
  }
}

/**
 * Looks whether a list can be read before anything is planned.
 *
 * @throws {CopyError} `InvalidRequestError` when it does not exist, `PermissionError` when it may not be read
 */
export async function probeFile(
  field: string,
  list: Location | undefined,
  stores: ObjectStores,
  home: string,
): Promise<void> {
  if (list === undefined) return;
  const store = stores.in(await regionOf(field, list.bucket, stores, home));
  try {
    const head = await requests.send(() => store.head({ bucket: list.bucket, key: list.path }));
    if (head !== undefined) return;
  } catch (error) {
    if (!hasStatus(error, 403)) throw error;
    throw denied(
      { field, bucket: list.bucket, store },
      's3:GetObject',
      `arn:aws:s3:::${list.bucket}/${list.path}`,
      '',
    );
  }
  throw new CopyError(
    'InvalidRequestError',
    `${field}: ${formatLocation(list.bucket, list.path)} does not exist`,
  );
}
