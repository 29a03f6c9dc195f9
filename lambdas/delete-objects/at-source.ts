import { isTooLong } from '../../core/model/paths.ts';
import { forEachConcurrently } from '../../core/rules/for-each-concurrently.ts';
import { hasStatus } from '../../core/s3/failures.ts';
import type { ObjectStore } from '../../core/s3/object-store.ts';
import type { RequestLimiter } from '../../core/s3/request-limiter.ts';

/** The source that deletes follow. */
export interface DeleteSource {
  readonly store: ObjectStore;
  readonly bucket: string;
  readonly limiter: RequestLimiter;
}

const keysAtOnce = 64;

/**
 * Which of these keys the source has now. The plan that says that it lacks them may be days old, and an object that
 * was put there since may have the bytes, and so the ETag, of the one that would be deleted.
 *
 * @param keys of the source
 */
export async function atSource(source: DeleteSource, keys: readonly string[]): Promise<Set<string>> {
  const found = new Set<string>();
  await forEachConcurrently(keys, keysAtOnce, async (key) => {
    if (await hasKey(source, key)) found.add(key);
  });
  return found;
}

/**
 * S3 answers 403 for a key without permission to read it or to list the whole bucket, and 400 without its customer key.
 * A listing shows whether the key exists.
 */
async function hasKey({ store, bucket, limiter }: DeleteSource, key: string): Promise<boolean> {
  // Where the destination's folder is the shorter one, its keys may come from none that there can be.
  if (isTooLong(key)) return false;
  try {
    return (await limiter.send(() => store.head({ bucket, key }))) !== undefined;
  } catch (error) {
    if (!hasStatus(error, 400, 403)) throw error;
  }
  let page = await limiter.send(() => store.list(bucket, key, { limit: 1 }));
  while (page.objects.length === 0 && page.next !== undefined) {
    const { next } = page;
    page = await limiter.send(() => store.list(bucket, key, { next, limit: 1 }));
  }
  // In byte order no key with this prefix comes before the key itself.
  return page.objects[0]?.key === key;
}
