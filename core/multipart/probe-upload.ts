import type { PlannedObject } from '../model/batches.ts';
import { runPaths } from '../model/run-paths.ts';
import { hashes } from '../rules/hashes.ts';
import { type CopyContext, targetAddress } from '../run/copy-context.ts';
import type { Checkpoint } from '../run/run-files.ts';
import type { Opened, UploadProperties } from '../s3/object-store.ts';
import { abortUpload } from './abort-upload.ts';
import { abortOrphanedUploads } from './orphaned-uploads.ts';
import { findOrphansSince, makeIntent, settleIntent, UploadIntent, UploadOpener } from './upload-intent.ts';

/** What the run says of the probes of a target. */
interface Probe {
  readonly path: string;
  /** Left out when another invocation has written that it probes the same target. */
  readonly file: Checkpoint<UploadIntent> | undefined;
  readonly orphansSince: number | undefined;
}

/**
 * Opens an upload of an object and always aborts it after the work, so that nothing is published. It shows whether S3
 * accepts these properties, and how the bucket encrypts. Orphaned uploads of the same target are aborted with it.
 *
 * @param orphansSince when the first upload may have been orphaned, by the clock of S3
 */
export async function duringProbeUpload<T>(
  context: CopyContext,
  object: PlannedObject,
  properties: UploadProperties,
  work: (opened: Opened) => Promise<T>,
  orphansSince?: number,
): Promise<T> {
  const target = targetAddress(context, object);
  const probe = await announce(context, object, orphansSince);
  const opener = new UploadOpener(context, target);
  const opened = await opener.open(properties).catch(async (error: unknown) => {
    if (!opener.isLost && probe.orphansSince === undefined) await settle(context, probe);
    throw error;
  });
  try {
    return await work(opened);
  } finally {
    const since = opener.isLost ? await sinceWhen(context, probe) : probe.orphansSince;
    const isSure =
      since === undefined || (await abortOrphanedUploads(context, target, opened.uploadId, since));
    const isEnded = await abortUpload(context, target, opened.uploadId);
    if (isSure && isEnded) await settle(context, probe);
  }
}

/** Opens an upload of an object and ends it at once. */
export const probeUpload = (
  context: CopyContext,
  object: PlannedObject,
  properties: UploadProperties,
  orphansSince?: number,
): Promise<Opened> =>
  duringProbeUpload(context, object, properties, (opened) => Promise.resolve(opened), orphansSince);

async function announce(
  context: CopyContext,
  object: PlannedObject,
  orphansSince: number | undefined,
): Promise<Probe> {
  const { files } = context.run;
  const path = runPaths.probe(hashes.sha256(object.target));
  const found = await files.checkpoint(path, UploadIntent);
  const starts = [orphansSince, found && findOrphansSince(found)].filter((since) => since !== undefined);
  const earliest = starts.length === 0 ? undefined : Math.min(...starts);
  const file = await files.commit(path, makeIntent(context, object, earliest), found);
  return { path, file, orphansSince: earliest };
}

/** S3's time of what was written before the upload was opened whose answer was lost. */
async function sinceWhen({ run }: CopyContext, { path, orphansSince }: Probe): Promise<number | undefined> {
  if (orphansSince !== undefined) return orphansSince;
  return (await run.files.checkpoint(path, UploadIntent))?.lastModified;
}

/** Says that no upload of the probe is open any more. */
async function settle({ run }: CopyContext, { path, file }: Probe): Promise<void> {
  if (file !== undefined) await run.files.commit(path, settleIntent(file.value), file);
}
