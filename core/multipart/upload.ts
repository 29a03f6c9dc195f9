import * as z from 'zod';
import type { PlannedObject } from '../model/batches.ts';
import { layoutText } from '../model/part-files.ts';
import { runPaths } from '../model/run-paths.ts';
import { WholeChecksum, wholeAlgorithms, wholeChecksum } from '../rules/checksums.ts';
import { hashes } from '../rules/hashes.ts';
import { type CopyContext, targetOf } from '../run/copy-context.ts';
import type { Checkpoint } from '../run/run-files.ts';
import type { ObjectHead, Opened, UploadProperties } from '../s3/object-store.ts';
import { endUpload, tidy } from './end-upload.ts';
import { endStrays } from './orphaned-uploads.ts';
import type { Job } from './part-sources.ts';
import { writing } from './permission-errors.ts';
import { tryUpload } from './probe-upload.ts';
import { uploadProperties } from './properties.ts';
import { DoubtSince, doubtOf, Opener, Opening, openingOf, settled } from './upload-intent.ts';

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
  doubtSince: DoubtSince,
});
export type UploadRecord = z.infer<typeof UploadRecord>;

/** What a run says of an upload: that it is about to be opened, or which it is. */
const UploadFile = z.union([UploadRecord, Opening]);
type UploadFile = z.infer<typeof UploadFile>;

/** An upload as it is recorded. */
export type Upload = Checkpoint<UploadRecord>;

const pathOf = ({ object, cut }: Job): string =>
  runPaths.upload(hashes.sha256(object.target), hashes.sha256(layoutText(cut.layout)));

const isRecord = (file: Checkpoint<UploadFile> | undefined): file is Upload =>
  file !== undefined && 'uploadId' in file.value;

/** The upload that was recorded before, if there is one. */
export async function recordedUpload({ run }: CopyContext, job: Job): Promise<Upload | undefined> {
  const file = await run.files.checkpoint(pathOf(job), UploadFile);
  return isRecord(file) ? file : undefined;
}

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
  const announced = await announce(context, job, before);
  if ('upload' in announced) return announced.upload;
  const { opened, doubt } = await create(context, job, properties, announced);
  const record: UploadRecord = { v: 1, key: target.key, source: source.etag, algorithm, ...opened, ...doubt };
  const mine = await run.files.commit(pathOf(job), record, announced.opening);
  if (mine !== undefined) return mine;
  await requests.send(() => destination.store.abortUpload(target, opened.uploadId));
  return (await recordedUpload(context, job)) ?? openUpload(context, job, source, undefined);
}

/** What was written before an upload is opened, and since when others may be open that no record names. */
interface Announced {
  readonly opening: Checkpoint<Opening>;
  readonly doubtSince: number | undefined;
}

/** Says that an upload is about to be opened, or takes over who said so before. */
async function announce(
  context: CopyContext,
  job: Job,
  before: Checkpoint<UploadFile> | undefined,
): Promise<Announced | { readonly upload: Upload }> {
  const { files } = context.run;
  const doubtSince = isRecord(before) ? before.value.doubtSince : undefined;
  const opening = await files.commit(pathOf(job), openingOf(context, job.object, doubtSince), before);
  if (opening !== undefined) return { opening, doubtSince };
  const found = await files.checkpoint(pathOf(job), UploadFile);
  if (found === undefined) return announce(context, job, undefined);
  if (isRecord(found)) return { upload: found };
  const since = doubtOf(found as Checkpoint<Opening>);
  if (since === undefined) return announce(context, job, found);
  return { opening: found as Checkpoint<Opening>, doubtSince: since };
}

/** Opens the upload. One that S3 has refused leaves no doubt. */
async function create(
  context: CopyContext,
  job: Job,
  properties: UploadProperties,
  { opening, doubtSince }: Announced,
): Promise<{ readonly opened: Opened; readonly doubt: { readonly doubtSince?: number } }> {
  const { files } = context.run;
  const opener = new Opener(context, targetOf(context, job.object));
  // S3's time of what was written before the request whose answer was lost.
  const written = async () => (await files.checkpoint(pathOf(job), UploadFile))?.lastModified;
  try {
    const opened = await writing(context, job.object, properties, () => opener.open(properties));
    const since = doubtSince ?? (opener.isLost ? await written() : undefined);
    return { opened, doubt: since === undefined ? {} : { doubtSince: since } };
  } catch (error) {
    const isSure = !opener.isLost && doubtSince === undefined;
    if (isSure) await files.commit(pathOf(job), settled(opening.value), opening);
    throw error;
  }
}

/**
 * Ends the uploads of the target that the run may have lost, and writes down that there are none any more.
 *
 * @returns the upload as it is recorded then
 */
export async function settleUpload(context: CopyContext, job: Job, upload: Upload): Promise<Upload> {
  const { doubtSince, ...record } = upload.value;
  if (doubtSince === undefined) return upload;
  const target = targetOf(context, job.object);
  const isSure = await endStrays(context, target, record.uploadId, doubtSince);
  return (isSure && (await context.run.files.commit(pathOf(job), record, upload))) || upload;
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
  const { run } = context;
  const target = targetOf(context, object);
  for await (const path of run.files.list(runPaths.uploads(hashes.sha256(object.target)))) {
    const file = await run.files.checkpoint(path, UploadFile);
    if (file?.value.source !== object.etag) continue;
    if (isRecord(file)) await endUpload(context, target, file.value.uploadId);
    await abortLost(context, object, path, file);
  }
}

/** Ends what the run may have lost. Who we are tells an upload that is opened and ended for it, which takes the doubt over. */
async function abortLost(
  context: CopyContext,
  object: PlannedObject,
  path: string,
  file: Checkpoint<UploadFile>,
): Promise<void> {
  const since = isRecord(file) ? file.value.doubtSince : doubtOf(file as Checkpoint<Opening>);
  if (since === undefined || !(await tidy(() => tryUpload(context, object, {}, since)))) return;
  const { doubtSince: _, ...value } = file.value;
  await context.run.files.commit(path, 'isOpen' in value ? { ...value, isOpen: false } : value, file);
}
