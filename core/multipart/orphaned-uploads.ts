import type { CopyContext } from '../run/copy-context.ts';
import type { Address } from '../s3/object-store.ts';
import { bestEffort } from './abort-upload.ts';
import { recordedByAny } from './recorded-uploads.ts';

/** Runs that are looked through for whose upload it is: one page of their listing, and a request for each. */
const mostRuns = 1_000;

/**
 * Aborts the uploads of a target that this run has opened without knowing it: an answer was lost, or an invocation died
 * before it recorded the id. Nothing marks an upload as s3copy's own, and all runs use the same role. So an upload is
 * aborted only if this role opened it, after `since` and before the upload that is kept, and no run has recorded it.
 * While another run is opening an upload of the target, all stay: `s3copy cleanup` finds an upload that was left open,
 * but an upload that was wrongly aborted is a loss.
 *
 * Both times are set by S3, so no other clock matters.
 *
 * @param kept id of an open upload of this run, which shows the role that opens uploads
 * @param since when the first upload may have been orphaned
 * @returns whether no orphaned upload is left
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
