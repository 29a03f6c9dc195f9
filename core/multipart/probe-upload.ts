import type { PlannedObject } from '../model/batches.ts';
import { runPaths } from '../model/run-paths.ts';
import { hashes } from '../rules/hashes.ts';
import { type CopyContext, targetOf } from '../run/copy-context.ts';
import type { Checkpoint } from '../run/run-files.ts';
import type { Opened, UploadProperties } from '../s3/object-store.ts';
import { endUpload } from './end-upload.ts';
import { endStrays } from './orphaned-uploads.ts';
import { doubtOf, Opener, Opening, openingOf, settled } from './upload-intent.ts';

/** What the run says of the trials of a target. */
interface Trial {
  readonly path: string;
  /** Left out when another invocation tries the same target, and says so. */
  readonly file: Checkpoint<Opening> | undefined;
  readonly doubtSince: number | undefined;
}

/**
 * Opens an upload of an object, which is ended behind the work in any case, so that nothing is published: S3 tells
 * whether it would take these properties, and how the bucket encrypts. Uploads of the same target that the run may
 * have lost are ended with it.
 *
 * @param doubtSince when the run may have lost one, by the clock of S3
 */
export async function duringTrial<T>(
  context: CopyContext,
  object: PlannedObject,
  properties: UploadProperties,
  work: (opened: Opened) => Promise<T>,
  doubtSince?: number,
): Promise<T> {
  const target = targetOf(context, object);
  const trial = await announce(context, object, doubtSince);
  const opener = new Opener(context, target);
  const opened = await opener.open(properties).catch(async (error: unknown) => {
    if (!opener.isLost && trial.doubtSince === undefined) await settle(context, trial);
    throw error;
  });
  try {
    return await work(opened);
  } finally {
    const since = opener.isLost ? await sinceWhen(context, trial) : trial.doubtSince;
    const isSure = since === undefined || (await endStrays(context, target, opened.uploadId, since));
    const isEnded = await endUpload(context, target, opened.uploadId);
    if (isSure && isEnded) await settle(context, trial);
  }
}

/** Opens an upload of an object and ends it at once. */
export const tryUpload = (
  context: CopyContext,
  object: PlannedObject,
  properties: UploadProperties,
  doubtSince?: number,
): Promise<Opened> =>
  duringTrial(context, object, properties, (opened) => Promise.resolve(opened), doubtSince);

async function announce(
  context: CopyContext,
  object: PlannedObject,
  doubtSince: number | undefined,
): Promise<Trial> {
  const { files } = context.run;
  const path = runPaths.trial(hashes.sha256(object.target));
  const found = await files.checkpoint(path, Opening);
  const doubts = [doubtSince, found && doubtOf(found)].filter((since) => since !== undefined);
  const earliest = doubts.length === 0 ? undefined : Math.min(...doubts);
  const file = await files.commit(path, openingOf(context, object, earliest), found);
  return { path, file, doubtSince: earliest };
}

/** S3's time of what was written before the upload was opened whose answer was lost. */
async function sinceWhen({ run }: CopyContext, { path, doubtSince }: Trial): Promise<number | undefined> {
  if (doubtSince !== undefined) return doubtSince;
  return (await run.files.checkpoint(path, Opening))?.lastModified;
}

/** Says that no upload of the trial is open any more. */
async function settle({ run }: CopyContext, { path, file }: Trial): Promise<void> {
  if (file !== undefined) await run.files.commit(path, settled(file.value), file);
}
