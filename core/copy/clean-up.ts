import * as z from 'zod';
import type { PlannedObject } from '../model/batches.ts';
import { countParts } from '../model/etags.ts';
import { findTempFolder, layoutFolders, layoutText, partFileKeys } from '../model/part-files.ts';
import { ObjectResult } from '../model/results.ts';
import { runPaths } from '../model/run-paths.ts';
import { bestEffort } from '../multipart/abort-upload.ts';
import { removeOldVersions } from '../multipart/old-versions.ts';
import { makeEncryption } from '../multipart/properties.ts';
import { removeFolder, removeParts } from '../multipart/remove-part-files.ts';
import { findStaging, type Staging } from '../multipart/staging.ts';
import { makeEvenLayout, type TargetRecord } from '../multipart/staging-area.ts';
import { abortTargetUploads } from '../multipart/upload.ts';
import { hashes } from '../rules/hashes.ts';
import { objectKind } from '../rules/part-layout.ts';
import type { CopyContext, Outcome, OutcomeOrLater } from '../run/copy-context.ts';
import { SourceChangedError } from '../run/object-errors.ts';
import { absentIfDenied } from '../s3/absent-if-denied.ts';
import { S3Error } from '../s3/failures.ts';
import { targetFields } from './resolve-conflict.ts';

/** Writes `target.json`: that these part files became this target, for the next run to know. */
export async function recordTarget(context: CopyContext, staging: Staging, ended: Outcome): Promise<void> {
  const { destination, limiter, run } = context;
  const { size, target } = staging.object;
  const record: TargetRecord = {
    v: 1,
    run: run.name,
    source: staging.layout.layout.source,
    target: { bucket: destination.bucket, key: target, etag: ended.etag ?? '', size },
    proof: { proof: ended.proof, checksum: ended.checksum },
  };
  const file = { bucket: destination.temp.bucket, key: partFileKeys.target(staging.folder) };
  await limiter.send(() =>
    destination.store.put(file, JSON.stringify(record), {}, makeEncryption(run.copyRequest)),
  );
}

/** A target that this run published and whose part files are being removed. Soon only this record names the proof. */
const Published = z.strictObject({
  v: z.literal(1),
  target: z.string(),
  /** ETags of the source and of the target. */
  source: z.string(),
  etag: z.string(),
  /** Of the part files, and the hash of the `layout.json` there. */
  folder: z.string(),
  layout: z.string(),
  ...ObjectResult.pick({ proof: true, checksum: true }).shape,
});

const pathOf = ({ target }: PlannedObject): string => runPaths.published(hashes.sha256(target));

/** Writes into the folder of the run that the target is published, for the next invocation if this one dies. */
export async function recordPublished({ run }: CopyContext, staging: Staging, ended: Outcome): Promise<void> {
  const { object, folder, layout } = staging;
  const record: z.infer<typeof Published> = {
    v: 1,
    target: object.target,
    source: object.etag,
    etag: ended.etag ?? '',
    folder,
    layout: hashes.sha256(layoutText(layout.layout)),
    proof: ended.proof,
    checksum: ended.checksum,
  };
  await run.files.write(pathOf(object), record);
}

/**
 * Finds a target that this run published, and whose part files it removed, before an invocation died without recording
 * the result.
 *
 * @returns the outcome of the object, or undefined when there is none yet
 */
export async function findPublished(
  context: CopyContext,
  object: PlannedObject,
): Promise<OutcomeOrLater | undefined> {
  const { destination, limiter, run } = context;
  if (run.copyRequest.keepParts) return undefined;
  const record = await run.files.find(pathOf(object), Published);
  if (record?.target !== object.target || record.source !== object.etag) return undefined;
  const target = { bucket: destination.bucket, key: object.target };
  const head = await absentIfDenied(() => limiter.send(() => destination.store.head(target)));
  if (head?.etag !== record.etag) return undefined;
  const { proof, checksum } = record;
  const outcome = { status: 'copied', proof, checksum, ...targetFields(object, head) } as const;
  return telling(outcome, async () => [
    ...(await removeRecorded(context, record)),
    ...(await removeOldVersions(context, object)),
  ]);
}

/** Another run may have claimed the folder since. */
async function removeRecorded(
  { destination, limiter }: CopyContext,
  { folder, layout }: z.infer<typeof Published>,
): Promise<readonly string[]> {
  const area = { store: destination.store, ...destination.temp };
  const file = { bucket: area.bucket, key: partFileKeys.layout(folder) };
  const found = await absentIfDenied(() => limiter.send(() => area.store.get(file)));
  return found !== undefined && hashes.sha256(found.text) === layout
    ? removeFolder(area, folder, limiter)
    : [];
}

/** Aborts uploads of part files that an invocation left open when it died. Another run that uses one opens another. */
export const abortForgottenUploads = (context: CopyContext, { folder }: Staging): Promise<void> =>
  abortUploadsBelow(context, partFileKeys.parts(folder), (found) => found === folder);

/** The same for a version of the source that is no more, in parts of whatever size. */
export async function abortUploadsOfVersion(context: CopyContext, object: PlannedObject): Promise<void> {
  const { run, destination } = context;
  const { key, etag, size } = object;
  const layout = makeEvenLayout({ bucket: run.source.bucket, key, etag, size }, run.parts.bytes);
  const [folder] = layoutFolders(destination.temp.prefix, layout, hashes);
  // The folder of another part layout has the same name with a hash at its end. Deeper folders belong to other keys.
  const isOfVersion = (found: string): boolean => found.replace(/-[0-9a-f]{8}$/, '') === folder;
  await abortUploadsBelow(context, folder, isOfVersion);
}

async function abortUploadsBelow(
  { destination, limiter }: CopyContext,
  prefix: string,
  isMeant: (folder: string) => boolean,
): Promise<void> {
  const { store, temp } = destination;
  await bestEffort(async () => {
    for (const { key, uploadId } of await limiter.send(() => store.listUploads(temp.bucket, prefix))) {
      const folder = findTempFolder(temp.prefix, key);
      if (folder === undefined || !isMeant(folder)) continue;
      await limiter.send(() => store.abortUpload({ bucket: temp.bucket, key }, uploadId));
    }
  });
}

/**
 * Removes the part files and their records for good, by version id, so that a bucket with versioning keeps none
 * either, and those of other versions of the same source. The target is right by then, whatever becomes of them.
 *
 * @returns the outcome, with what was not removed
 */
export const removePartFiles = (context: CopyContext, staging: Staging, outcome: Outcome): Promise<Outcome> =>
  telling(outcome, async () => [
    ...(await removeOwn(context, staging)),
    ...(await removeOldVersions(context, staging.object)),
  ]);

/**
 * Removes the part files of an object that has nothing left to copy although they did not become the target: the
 * source is gone, another client wrote the same bytes, or the object is now copied without parts.
 */
export async function removeUnneededParts(
  context: CopyContext,
  object: PlannedObject,
  outcome: Outcome,
): Promise<Outcome> {
  const { copyRequest, parts } = context.run;
  if (copyRequest.strategy !== 'staged' || copyRequest.keepParts) return outcome;
  const isSimple = objectKind(object, parts) === 'simple';
  // Only a target that was put together of parts may have left any behind.
  if (isSimple && countParts(object.seen ?? '') === undefined) return outcome;
  // Of an object that is gone every version is an old one.
  const isGone = outcome.status === 'vanished';
  return telling(outcome, async () => {
    const staging = isSimple || isGone ? undefined : await stagingOf(context, object);
    const own = staging === undefined ? [] : await removeOwn(context, staging);
    return [...own, ...(await removeOldVersions(context, isGone ? { ...object, etag: '' } : object))];
  });
}

/** If the part layout comes from the source, and the source has changed, its part files belong to an old version. */
async function stagingOf(context: CopyContext, object: PlannedObject): Promise<Staging | undefined> {
  try {
    return await findStaging(context, object);
  } catch (error) {
    if (error instanceof SourceChangedError) return undefined;
    throw error;
  }
}

/**
 * Permanently removes the part files of this version, but not the record that says whose they are: the next attempt
 * makes them again.
 *
 * @returns what was not removed, or why
 */
export const removeFiles = (
  { destination, limiter }: CopyContext,
  { folder }: Staging,
): Promise<string | undefined> =>
  textOf(() => removeParts({ store: destination.store, ...destination.temp }, folder, limiter));

const removeOwn = ({ destination, limiter }: CopyContext, { folder }: Staging): Promise<readonly string[]> =>
  removeFolder({ store: destination.store, ...destination.temp }, folder, limiter);

/** The outcome, with what a removal has left. */
async function telling(outcome: Outcome, remove: () => Promise<readonly string[]>): Promise<Outcome> {
  const left = await textOf(remove);
  return left === undefined ? outcome : { ...outcome, message: `part files are left: ${left}` };
}

/** What is left, as far as a person needs it. */
async function textOf(remove: () => Promise<readonly string[]>): Promise<string | undefined> {
  try {
    const left = await remove();
    return left.length > 0 ? left.slice(0, 3).join(', ') : undefined;
  } catch (error) {
    if (error instanceof S3Error) return error.message;
    throw error;
  }
}

/**
 * Aborts the uploads for a version of the source that is gone, or whose target another client wrote: no attempt will
 * continue them. Part files stay for another run that copies the same version.
 */
export async function abandon(context: CopyContext, object: PlannedObject): Promise<void> {
  const { copyRequest, parts } = context.run;
  if (objectKind(object, parts) === 'simple') return;
  await abortTargetUploads(context, object);
  if (copyRequest.strategy === 'staged') await abortUploadsOfVersion(context, object);
}
