import * as z from 'zod';
import type { PlannedObject } from '../model/batches.ts';
import { layoutText } from '../model/part-files.ts';
import { runPaths } from '../model/run-paths.ts';
import { WholeChecksum, wholeAlgorithms, wholeChecksum } from '../rules/checksums.ts';
import { hashes } from '../rules/hashes.ts';
import { type CopyContext, targetAddress } from '../run/copy-context.ts';
import type { Checkpoint } from '../run/run-files.ts';
import type { ObjectHead, Opened, UploadProperties } from '../s3/object-store.ts';
import { abortUpload, bestEffort } from './abort-upload.ts';
import { abortOrphanedUploads } from './orphaned-uploads.ts';
import type { MultipartCopy } from './part-sources.ts';
import { writeTarget } from './permission-errors.ts';
import { probeUpload } from './probe-upload.ts';
import { uploadProperties } from './properties.ts';
import {
  findOrphansSince,
  makeIntent,
  OrphansSince,
  settleIntent,
  UploadIntent,
  UploadOpener,
} from './upload-intent.ts';

/** The upload that all invocations of a run use for one layout of one source version. */
const UploadRecord = z.strictObject({
  v: z.literal(1),
  key: z.string(),
  uploadId: z.string(),
  /** ETag of the source version. */
  source: z.string(),
  /** The checksum that the upload names. */
  algorithm: z.enum(wholeAlgorithms),
  /** The ETags of its parts are not MD5s. */
  isKms: z.boolean(),
  /** What the target will be. Written before it is published, if nothing else could show it afterwards. */
  expected: z.strictObject({ etag: z.string().optional(), checksum: WholeChecksum.optional() }).optional(),
  orphansSince: OrphansSince,
});
export type UploadRecord = z.infer<typeof UploadRecord>;

/**
 * The file of an upload: first its intent, then its record.
 *
 * | file says                 | written when                                | the next invocation                              |
 * |---------------------------|---------------------------------------------|--------------------------------------------------|
 * | (no file)                 |                                             | writes an intent                                 |
 * | intent, `isOpen: true`    | before the upload is opened                 | takes the intent over: an upload may be orphaned |
 * | intent, `isOpen: false`   | S3 refused to open one                      | writes another intent                            |
 * | record                    | the upload is open                          | continues this upload                            |
 * | record, `orphansSince`    | the upload is open, others may be orphaned  | aborts those first, then continues this upload   |
 * | record, `expected`        | before the upload is completed              | compares the target with it if the upload is gone|
 */
const UploadFile = z.union([UploadRecord, UploadIntent]);
type UploadFile = z.infer<typeof UploadFile>;

/** An upload as it is recorded. */
export type Upload = Checkpoint<UploadRecord>;

const pathOf = ({ object, layout }: MultipartCopy): string =>
  runPaths.upload(hashes.sha256(object.target), hashes.sha256(layoutText(layout.layout)));

const isRecord = (file: Checkpoint<UploadFile> | undefined): file is Upload =>
  file !== undefined && 'uploadId' in file.value;

/** The upload that was recorded before, if there is one. */
export async function recordedUpload(
  { run }: CopyContext,
  multipart: MultipartCopy,
): Promise<Upload | undefined> {
  const file = await run.files.checkpoint(pathOf(multipart), UploadFile);
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
  multipart: MultipartCopy,
  source: ObjectHead,
  before: Upload | undefined,
): Promise<Upload> {
  const { destination, limiter, run } = context;
  const target = targetAddress(context, multipart.object);
  const algorithm = wholeChecksum(source.checksums)?.algorithm ?? 'CRC64NVME';
  const properties = {
    ...(await uploadProperties(context, multipart.object, source)),
    ChecksumAlgorithm: algorithm,
    ChecksumType: 'FULL_OBJECT' as const,
  };
  const announced = await announce(context, multipart, before);
  if ('upload' in announced) return announced.upload;
  const { opened, since } = await create(context, multipart, properties, announced);
  const record: UploadRecord = { v: 1, key: target.key, source: source.etag, algorithm, ...opened, ...since };
  const mine = await run.files.commit(pathOf(multipart), record, announced.intent);
  if (mine !== undefined) return mine;
  await limiter.send(() => destination.store.abortUpload(target, opened.uploadId));
  return (await recordedUpload(context, multipart)) ?? openUpload(context, multipart, source, undefined);
}

/** What was written before an upload is opened, and since when others may be open that no record names. */
interface Announced {
  readonly intent: Checkpoint<UploadIntent>;
  readonly orphansSince: number | undefined;
}

/** Says that an upload is about to be opened, or takes over who said so before. */
async function announce(
  context: CopyContext,
  multipart: MultipartCopy,
  before: Checkpoint<UploadFile> | undefined,
): Promise<Announced | { readonly upload: Upload }> {
  const { files } = context.run;
  const orphansSince = isRecord(before) ? before.value.orphansSince : undefined;
  const intent = await files.commit(
    pathOf(multipart),
    makeIntent(context, multipart.object, orphansSince),
    before,
  );
  if (intent !== undefined) return { intent, orphansSince };
  const found = await files.checkpoint(pathOf(multipart), UploadFile);
  if (found === undefined) return announce(context, multipart, undefined);
  if (isRecord(found)) return { upload: found };
  const since = findOrphansSince(found as Checkpoint<UploadIntent>);
  if (since === undefined) return announce(context, multipart, found);
  return { intent: found as Checkpoint<UploadIntent>, orphansSince: since };
}

/** Opens the upload. If S3 refused to open one, none can be orphaned. */
async function create(
  context: CopyContext,
  multipart: MultipartCopy,
  properties: UploadProperties,
  { intent, orphansSince }: Announced,
): Promise<{ readonly opened: Opened; readonly since: { readonly orphansSince?: number } }> {
  const { files } = context.run;
  const opener = new UploadOpener(context, targetAddress(context, multipart.object));
  // S3's time of what was written before the request whose answer was lost.
  const written = async () => (await files.checkpoint(pathOf(multipart), UploadFile))?.lastModified;
  try {
    const opened = await writeTarget(context, multipart.object, properties, () => opener.open(properties));
    const lostSince = orphansSince ?? (opener.isLost ? await written() : undefined);
    return { opened, since: lostSince === undefined ? {} : { orphansSince: lostSince } };
  } catch (error) {
    const isSure = !opener.isLost && orphansSince === undefined;
    if (isSure) await files.commit(pathOf(multipart), settleIntent(intent.value), intent);
    throw error;
  }
}

/**
 * Aborts orphaned uploads of the target, and records that there are none left.
 *
 * @returns the upload as it is recorded afterwards
 */
export async function settleUpload(
  context: CopyContext,
  multipart: MultipartCopy,
  upload: Upload,
): Promise<Upload> {
  const { orphansSince, ...record } = upload.value;
  if (orphansSince === undefined) return upload;
  const target = targetAddress(context, multipart.object);
  const isSure = await abortOrphanedUploads(context, target, record.uploadId, orphansSince);
  return (isSure && (await context.run.files.commit(pathOf(multipart), record, upload))) || upload;
}

/** Records what the target will be. Another invocation that was first recorded the same, or completed the upload. */
export async function recordExpected(
  { run }: CopyContext,
  multipart: MultipartCopy,
  upload: Upload,
  expected: NonNullable<UploadRecord['expected']>,
): Promise<void> {
  if (upload.value.expected !== undefined) return;
  await run.files.commit(pathOf(multipart), { ...upload.value, expected }, upload);
}

/** Aborts the uploads of an object whose target another client wrote, or whose source is another version now. */
export async function abortTargetUploads(context: CopyContext, object: PlannedObject): Promise<void> {
  const { run } = context;
  const target = targetAddress(context, object);
  for await (const path of run.files.list(runPaths.uploads(hashes.sha256(object.target)))) {
    const file = await run.files.checkpoint(path, UploadFile);
    if (file?.value.source !== object.etag) continue;
    if (isRecord(file)) await abortUpload(context, target, file.value.uploadId);
    await abortLost(context, object, path, file);
  }
}

/** Aborts the uploads that may be orphaned. A probe upload shows the role that opens uploads, and aborts them. */
async function abortLost(
  context: CopyContext,
  object: PlannedObject,
  path: string,
  file: Checkpoint<UploadFile>,
): Promise<void> {
  const since = isRecord(file) ? file.value.orphansSince : findOrphansSince(file as Checkpoint<UploadIntent>);
  if (since === undefined || !(await bestEffort(() => probeUpload(context, object, {}, since)))) return;
  const { orphansSince: _, ...value } = file.value;
  await context.run.files.commit(path, 'isOpen' in value ? { ...value, isOpen: false } : value, file);
}
