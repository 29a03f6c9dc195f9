import { fitsXml } from '../rules/delete-guard.ts';
import type { ObjectStore, VersionMarker, VersionPage } from './object-store.ts';
import type { RequestLimiter } from './request-limiter.ts';

/**
 * Permanently removes all versions of the keys under a prefix, so that a bucket with versioning keeps none either.
 *
 * @param isMeant whether a key is to be removed; all other keys there are user data
 * @returns what S3 did not remove, as `code key`
 */
export async function removeVersions(
  store: ObjectStore,
  { bucket, prefix, isMeant }: Removal,
  limiter: RequestLimiter,
): Promise<readonly string[]> {
  const left: string[] = [];
  let from: VersionMarker | undefined;
  do {
    const page = await limiter.send(() => store.listVersions(bucket, prefix, from));
    const versions = page.versions.filter(({ key }) => isMeant(key));
    if (versions.length > 0) left.push(...(await remove(store, bucket, versions, limiter)));
    from = page.next;
  } while (from !== undefined);
  return left;
}

/** What is to be removed. */
export interface Removal {
  readonly bucket: string;
  readonly prefix: string;
  readonly isMeant: (key: string) => boolean;
}

type Versions = VersionPage['versions'];

const remove = (
  store: ObjectStore,
  bucket: string,
  versions: Versions,
  limiter: RequestLimiter,
): Promise<readonly string[]> =>
  versions.every(({ key }) => fitsXml(key))
    ? limiter.send(() => store.deleteVersions(bucket, versions))
    : removeOneByOne(store, bucket, versions, limiter);

/** A name that XML cannot hold goes into the address of a request. */
async function removeOneByOne(
  store: ObjectStore,
  bucket: string,
  versions: Versions,
  limiter: RequestLimiter,
): Promise<readonly string[]> {
  await Promise.all(
    versions.map(({ key, versionId }) => limiter.send(() => store.deleteVersion({ bucket, key }, versionId))),
  );
  return [];
}
