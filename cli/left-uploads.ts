import {
  AbortMultipartUploadCommand,
  ListMultipartUploadsCommand,
  type MultipartUpload,
  NoSuchUpload,
  type S3Client,
} from '@aws-sdk/client-s3';
import * as z from 'zod';
import { tempFolderOf } from '../lambdas/core/part-files.ts';
import { runPaths } from '../lambdas/core/run-paths.ts';
import type { EndedRun } from './ended-run.ts';
import type { RunFolder } from './run-folder.ts';

const Recorded = z.object({ key: z.string(), uploadId: z.string() });
const Failure = z.object({ sourceKey: z.string(), target: z.string().optional() });

/** An upload at the destination that its run will not end any more. */
export interface LeftUpload {
  readonly bucket: string;
  readonly key: string;
  readonly uploadId: string;
}

/**
 * The uploads that a run keeps for its redrive: those that it has recorded, and those of the same role on the same keys
 * and part files that no record names.
 */
export async function uploadsLeft(s3: S3Client, { folder, request }: EndedRun): Promise<LeftUpload[]> {
  const { dest, tempPrefix } = request;
  const recorded = await recordedUploads(folder);
  const failures = await folder.lines(runPaths.failures, Failure);
  const temp = { bucket: tempPrefix.bucket ?? dest.bucket, prefix: tempPrefix.prefix };
  const known = new Set(recorded.map(({ uploadId }) => uploadId));
  const targets = new Set([
    ...recorded.map(({ key }) => key),
    ...failures.flatMap(({ target }) => target ?? []),
  ]);
  const open: MultipartUpload[] = [];
  for (const target of targets) {
    open.push(...(await openUploads(s3, dest.bucket, target)).filter(({ Key }) => Key === target));
  }
  const isKnown = ({ UploadId = '' }: MultipartUpload) => known.has(UploadId);
  // Without a recorded upload that is still open nobody can tell which of the others are the run's.
  const ours = open.find(isKnown)?.Initiator?.ID;
  const isOurs = ({ Initiator }: MultipartUpload) => ours !== undefined && Initiator?.ID === ours;
  const found = open.filter((upload) => isKnown(upload) || isOurs(upload)).map(leftIn(dest.bucket));
  for (const { sourceKey } of failures) {
    const below = await openUploads(s3, temp.bucket, `${temp.prefix}${sourceKey}/`);
    const parts = below.filter(({ Key = '' }) => tempFolderOf(temp.prefix, Key) !== undefined);
    found.push(...parts.map(leftIn(temp.bucket)));
  }
  return [...new Map(found.map((upload) => [upload.uploadId, upload])).values()];
}

const leftIn =
  (bucket: string) =>
  ({ Key = '', UploadId = '' }: MultipartUpload): LeftUpload => ({ bucket, key: Key, uploadId: UploadId });

async function recordedUploads(folder: RunFolder): Promise<z.infer<typeof Recorded>[]> {
  const uploads: z.infer<typeof Recorded>[] = [];
  for await (const path of folder.list('uploads/')) {
    const upload = await folder.json(path, Recorded);
    if (upload !== undefined) uploads.push(upload);
  }
  return uploads;
}

async function openUploads(s3: S3Client, Bucket: string, Prefix: string): Promise<MultipartUpload[]> {
  const command = new ListMultipartUploadsCommand({ Bucket, Prefix, EncodingType: 'url' });
  const { Uploads = [] } = await s3.send(command);
  return Uploads.map((upload) => ({
    ...upload,
    Key: decodeURIComponent((upload.Key ?? '').replaceAll('+', ' ')),
  }));
}

/** Ends an upload, unless somebody else has. */
export async function abortUpload(s3: S3Client, { bucket, key, uploadId }: LeftUpload): Promise<void> {
  try {
    await s3.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key: key, UploadId: uploadId }));
  } catch (error) {
    if (!(error instanceof NoSuchUpload)) throw error;
  }
}
