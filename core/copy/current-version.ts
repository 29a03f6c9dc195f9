import type { PlannedObject } from '../model/batches.ts';
import { type CopyContext, type Outcome, targetAddress } from '../run/copy-context.ts';
import { hasStatus } from '../s3/failures.ts';
import type { ObjectHead } from '../s3/object-store.ts';
import { compareHeads, conflictOutcome, targetFields } from './resolve-conflict.ts';

/**
 * Checks that the version an upload has published is the one that readers get. In a bucket with versions, the current
 * version is the one whose upload was opened last, not completed last, so another client's version may stay current.
 *
 * @param source as it was when the upload was completed
 * @param ended how the upload ended
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html (read 2026-11-22): concurrent uploads
 */
export async function confirmCurrentVersion(
  context: CopyContext,
  object: PlannedObject,
  source: ObjectHead,
  ended: Outcome,
): Promise<Outcome> {
  if (ended.versionId === undefined) return ended;
  const head = await currentOf(context, object);
  if (head === 'unknown') return ended;
  if (head !== undefined && isOurs(head, ended)) return ended;
  const proof = head === undefined ? undefined : compareHeads(source, head);
  if (head === undefined || proof === undefined) return conflictOutcome(object);
  return { status: 'copied', ...proof, ...targetFields(object, head) };
}

/**
 * Where versions are suspended, all that is written is the version `null`. Some servers name a version of an upload
 * where they keep none.
 */
const isOurs = (head: ObjectHead, { versionId, etag }: Outcome): boolean =>
  head.etag === etag && (head.versionId === versionId || head.versionId === undefined);

/** Who may not look is left with what S3 has answered to the upload. */
async function currentOf(
  context: CopyContext,
  object: PlannedObject,
): Promise<ObjectHead | undefined | 'unknown'> {
  const { store } = context.destination;
  try {
    return await context.limiter.send(() => store.head(targetAddress(context, object)));
  } catch (error) {
    if (hasStatus(error, 403)) return 'unknown';
    throw error;
  }
}
