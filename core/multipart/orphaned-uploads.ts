import type { CopyContext } from '../run/copy-context.ts';
import type { Address } from '../s3/object-store.ts';
import { bestEffort } from './abort-upload.ts';
import { recordedByAny } from './recorded-uploads.ts';

/** Runs that are looked through for whose upload it is: one page of their listing, and a request for each. */
const mostRuns = 1_000;

/**
 * Ends the uploads of a target that this run has opened without learning of it: an answer was lost, or an invocation
 * died before it could record its own. Nothing marks an upload as ours, and all runs have the same role. So it ends
 * only what that role has opened since the doubt began and not behind the upload that is kept, and what no run has
 * recorded. While another run says that it is opening one, all are left: an upload too many is found by `s3copy cleanup`,
 * one too few is somebody's loss.
 *
 * Both times are S3's own, so that no clock of ours counts.
 *
 * @param kept id of an open upload of this run, which tells who we are
 * @param since when the doubt began
 * @returns whether there is no doubt left
 */
export async function abortOrphanedUploads(
  { destination, limiter, run }: CopyContext,
  target: Address,
  kept: string,
  since: number,
): Promise<boolean> {
  let isSure = false;
  await bestEffort(async () => {
    const open = await limiter.send(() => destination.store.listUploadsOf(target));
    const ours = open.find(({ uploadId }) => uploadId === kept);
    // A server that does not say who opened an upload leaves it to its owner.
    if (ours === undefined || ours.initiator === '') return;
    const unknown = open.filter(
      ({ uploadId, initiator, initiated }) =>
        uploadId !== kept &&
        initiator === ours.initiator &&
        initiated >= since &&
        initiated <= ours.initiated,
    );
    const known = unknown.length === 0 ? [] : await recordedByAny(run.allRuns, run.name, target, mostRuns);
    if (known === undefined) return;
    const ids = new Set(known);
    for (const { uploadId } of unknown) {
      if (!ids.has(uploadId)) await limiter.send(() => destination.store.abortUpload(target, uploadId));
    }
    isSure = true;
  });
  return isSure;
}
