import * as z from 'zod';
import { WholeChecksum, wholeAlgorithms, wholeChecksum } from '../core/checksums.ts';
import type { PlannedObject } from '../core/orders.ts';
import { layoutText } from '../core/part-files.ts';
import { runPaths } from '../core/run-paths.ts';
import type { ObjectHead } from '../s3/object-store.ts';
import type { Checkpoint } from '../s3/run-files.ts';
import { hashes } from '../shared/hashes.ts';
import { type CopyContext, targetOf } from './context.ts';
import { writing } from './denials.ts';
import type { Job } from './job.ts';
import { uploadProperties } from './properties.ts';
import { tidy } from './tidy.ts';

/** The upload that all invocations of a run use for one layout of one source version. */
const UploadRecord = z.strictObject({
  v: z.literal(1),
  key: z.string(),
  uploadId: z.string(),
  /** ETag of the source version. */
  source: z.string(),
  /** The checksum that the upload names. */
  algorithm: z.enum(wholeAlgorithms),
  /** ETags of its parts are no MD5s. */
  isKms: z.boolean(),
  /** What the target will be, written before it is published if nothing else would tell afterwards. */
  expected: z.strictObject({ etag: z.string().optional(), checksum: WholeChecksum.optional() }).optional(),
});
export type UploadRecord = z.infer<typeof UploadRecord>;

/** An upload as it is recorded. */
export type Upload = Checkpoint<UploadRecord>;

const pathOf = ({ object, cut }: Job): string =>
  runPaths.upload(hashes.sha256(object.target), hashes.sha256(layoutText(cut.layout)));

/** The upload that was recorded before, if there is one. */
export const recordedUpload = ({ run }: CopyContext, job: Job): Promise<Upload | undefined> =>
  run.files.checkpoint(pathOf(job), UploadRecord);

/**
 * Opens an upload of the target and records it. The loser of a race ends its own and takes the winner's. The upload
 * names the algorithm of the source's checksum, so that S3 itself holds the target to it.
 *
 * @param before the record of an upload that is gone
 */
export async function openUpload(
  context: CopyContext,
  job: Job,
  source: ObjectHead,
  before: Upload | undefined,
): Promise<Upload> {
  const { destination, requests, run } = context;
  const target = targetOf(context, job.object);
  const algorithm = wholeChecksum(source.checksums)?.algorithm ?? 'CRC64NVME';
  const properties = {
    ...(await uploadProperties(context, job.object, source)),
    ChecksumAlgorithm: algorithm,
    ChecksumType: 'FULL_OBJECT' as const,
  };
  const opened = await writing(context, job.object, properties, () =>
    requests.send(() => destination.store.createUpload(target, properties)),
  );
  const record: UploadRecord = { v: 1, key: target.key, source: source.etag, algorithm, ...opened };
  const mine = await run.files.commit(pathOf(job), record, before);
  if (mine !== undefined) return mine;
  await requests.send(() => destination.store.abortUpload(target, opened.uploadId));
  return (await recordedUpload(context, job)) ?? openUpload(context, job, source, undefined);
}

/** Writes down what the target will be. Another invocation that was first has written the same, or has ended it. */
export async function sealUpload(
  { run }: CopyContext,
  job: Job,
  upload: Upload,
  expected: NonNullable<UploadRecord['expected']>,
): Promise<void> {
  if (upload.value.expected !== undefined) return;
  await run.files.commit(pathOf(job), { ...upload.value, expected }, upload);
}

/** Ends the uploads of an object whose target another writer has, or whose source is another version now. */
export async function abortUploadsOf(context: CopyContext, object: PlannedObject): Promise<void> {
  const { destination, requests, run } = context;
  for await (const path of run.files.list(runPaths.uploads(hashes.sha256(object.target)))) {
    const record = await run.files.find(path, UploadRecord);
    if (record?.source !== object.etag) continue;
    await tidy(() =>
      requests.send(() => destination.store.abortUpload(targetOf(context, object), record.uploadId)),
    );
  }
}
