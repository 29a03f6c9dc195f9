import { deniedError, nameResource } from '../../core/access/access-denied.ts';
import type { PreserveWord } from '../../core/model/copy-request.ts';
import { CopyError } from '../../core/model/errors.ts';
import { findPartition, s3Arn } from '../../core/model/partitions.ts';
import { forEachConcurrently } from '../../core/rules/for-each-concurrently.ts';
import type { Run } from '../../core/run/open-run.ts';
import { S3Error } from '../../core/s3/failures.ts';
import type { PropertyStore, VersionAddress } from '../../core/s3/property-store.ts';
import { RequestLimiter } from '../../core/s3/request-limiter.ts';

const limiter = new RequestLimiter(8);

/** The one canned list that a bucket without lists takes. */
const ownersOwn = 'bucket-owner-full-control';

/**
 * Refuses access control lists for a destination that accepts none, before anything is copied. If that may not be
 * read, the copy of the first object shows it.
 *
 * @throws {CopyError} `InvalidRequestError`
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html (read 2026-11-22)
 */
export async function refuseLists({ copyRequest, destination }: Run): Promise<void> {
  const field = copyRequest.aclGrant.length > 0 ? 'aclGrant' : 'acl';
  const wantsList =
    copyRequest.aclGrant.length > 0 || (copyRequest.acl !== undefined && copyRequest.acl !== ownersOwn);
  if (!wantsList || destination === undefined) return;
  const { bucket, store } = destination;
  if ((await limiter.send(() => store.properties.isOwnershipEnforced(bucket))) !== true) return;
  throw new CopyError(
    'InvalidRequestError',
    `${field}: ${JSON.stringify(copyRequest[field])} cannot be set in ${JSON.stringify(bucket)}, whose Object Ownership ` +
      '"BucketOwnerEnforced" takes no access control lists: leave it out, or set the Object Ownership of the bucket to ' +
      '"BucketOwnerPreferred"',
    { field, bucket },
  );
}

/** What every object is asked for when the word is preserved. Tags are not here: an object without any needs no right. */
const reads: readonly {
  readonly word: PreserveWord;
  readonly action: string;
  readonly read: (store: PropertyStore, object: VersionAddress) => Promise<unknown>;
}[] = [
  { word: 'acl', action: 's3:GetObjectAcl', read: (store, object) => store.acl(object) },
  { word: 'objectLock', action: 's3:GetObjectRetention', read: (store, object) => store.retention(object) },
  { word: 'objectLock', action: 's3:GetObjectLegalHold', read: (store, object) => store.isHeld(object) },
  {
    word: 'annotations',
    action: 's3:ListObjectAnnotations',
    read: (store, object) => store.annotations(object),
  },
];

/**
 * Reads, of the first object of the source, what `preserve` asks of every object.
 *
 * @param prefixes that the run lists
 * @throws {CopyError} `PermissionError` naming right and resource
 */
export async function probeProperties(run: Run, prefixes: readonly string[]): Promise<void> {
  const wanted = reads.filter(({ word }) => run.copyRequest.preserve.includes(word));
  const [prefix] = prefixes;
  if (wanted.length === 0 || prefix === undefined || run.destination === undefined) return;
  const { bucket, store } = run.source;
  const { objects } = await limiter.send(() => store.list(bucket, prefix, { limit: 1 }));
  const [first] = objects;
  if (first === undefined) return;
  const object = { bucket, key: first.key };
  await forEachConcurrently(wanted, wanted.length, async ({ word, action, read }) => {
    if (!(await isDenied(() => read(store.properties, object)))) return;
    const arn = s3Arn(findPartition(run.record.regions.source), bucket, first.key);
    throw deniedError({
      field: 'preserve',
      bucket,
      sid: 'ReadProperties',
      action,
      resource: arn,
      who: nameResource('roles.copy', run.copyRequest.roles.copy),
      advice: ` for all objects; or leave ${JSON.stringify(word)} out of preserve`,
    });
  });
}

/** Whatever else goes wrong is for the first object to meet. */
async function isDenied(read: () => Promise<unknown>): Promise<boolean> {
  try {
    await limiter.send(read);
    return false;
  } catch (error) {
    if (error instanceof S3Error) return error.status === 403;
    throw error;
  }
}
