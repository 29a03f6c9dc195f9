import type { Address } from '../s3/object-store.ts';
import type { CopyContext } from './context.ts';
import { tidy } from './tidy.ts';

/**
 * Ends our role's uploads of a target but for one: their ids were lost with an answer or an invocation. Another run
 * that works on one of them finds the target as it wants it, or opens a new one.
 *
 * @param kept id of the upload to keep, which tells who we are
 */
export async function abortStrayUploads(
  { destination, requests }: CopyContext,
  target: Address,
  kept: string,
): Promise<void> {
  await tidy(async () => {
    const open = await requests.send(() => destination.store.listUploads(target.bucket, target.key));
    const ours = open.find(({ uploadId }) => uploadId === kept)?.initiator;
    // A server that does not say who opened an upload leaves it to its owner.
    if (ours === undefined || ours === '') return;
    for (const { key, uploadId, initiator } of open) {
      if (key !== target.key || uploadId === kept || initiator !== ours) continue;
      await requests.send(() => destination.store.abortUpload(target, uploadId));
    }
  });
}
