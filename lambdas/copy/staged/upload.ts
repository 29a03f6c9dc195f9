import * as z from 'zod';
import type { PlannedObject } from '../../core/orders.ts';
import { layoutFolders } from '../../core/part-files.ts';
import { runPaths } from '../../core/run-paths.ts';
import type { Address, UploadProperties } from '../../s3/object-store.ts';
import type { Checkpoint } from '../../s3/run-files.ts';
import { hashes } from '../../shared/hashes.ts';
import { type CopyContext, targetOf } from '../context.ts';
import { writing } from '../denials.ts';
import { layoutOf } from '../layout.ts';
import { tidy } from '../tidy.ts';
import type { Staging } from './staging.ts';

/** The upload that all invocations of a run use for one target. */
const UploadRecord = z.strictObject({ v: z.literal(1), key: z.string(), uploadId: z.string() });
type UploadRecord = z.infer<typeof UploadRecord>;

const pathOf = (target: string, folder: string): string =>
  runPaths.upload(hashes.sha256(`${target}\n${folder}`));

/** The upload that was recorded before, if there is one. */
export const recordedUpload = (
  { run }: CopyContext,
  staging: Staging,
): Promise<Checkpoint<UploadRecord> | undefined> =>
  run.files.checkpoint(pathOf(staging.object.target, staging.folder), UploadRecord);

/**
 * Opens an upload of the target and records it. The loser of a race ends its own and takes the winner's.
 *
 * @param before the record of an upload that is gone
 */
export async function openUpload(
  context: CopyContext,
  staging: Staging,
  properties: UploadProperties,
  before: Checkpoint<UploadRecord> | undefined,
): Promise<Checkpoint<UploadRecord>> {
  const { destination, requests, run } = context;
  const target = targetOf(context, staging.object);
  const uploadId = await writing(context, staging.object, properties, () =>
    requests.send(() => destination.store.createUpload(target, properties)),
  );
  const record: UploadRecord = { v: 1, key: target.key, uploadId };
  const mine = await run.files.commit(pathOf(target.key, staging.folder), record, before);
  if (mine !== undefined) return mine;
  await requests.send(() => destination.store.abortUpload(target, uploadId));
  const winner = await recordedUpload(context, staging);
  return winner ?? openUpload(context, staging, properties, undefined);
}

/**
 * Ends our role's uploads of a target that no record names: their ids were lost with an answer or an invocation.
 * Another run that works on one of them finds the target as it wants it, or opens a new one.
 */
export async function abortStrayUploads(
  { destination, requests }: CopyContext,
  target: Address,
  recorded: string,
): Promise<void> {
  await tidy(async () => {
    const open = await requests.send(() => destination.store.listUploads(target.bucket, target.key));
    const ours = open.find(({ uploadId }) => uploadId === recorded)?.initiator;
    // A server that does not say who opened an upload leaves it to its owner.
    if (ours === undefined || ours === '') return;
    for (const { key, uploadId, initiator } of open) {
      if (key !== target.key || uploadId === recorded || initiator !== ours) continue;
      await requests.send(() => destination.store.abortUpload(target, uploadId));
    }
  });
}

/** Ends the uploads of an object whose target another writer has, or whose source is another version now. */
export async function abortUploadsOf(context: CopyContext, object: PlannedObject): Promise<void> {
  const { destination, requests, run } = context;
  const { key, etag, size } = object;
  const layout = layoutOf({ bucket: run.source.bucket, key, etag, size }, run.request.partSize as number);
  for (const folder of layoutFolders(destination.temp.prefix, layout, hashes)) {
    const record = await run.files.find(pathOf(object.target, folder), UploadRecord);
    if (record === undefined) continue;
    await tidy(() =>
      requests.send(() => destination.store.abortUpload(targetOf(context, object), record.uploadId)),
    );
  }
}
