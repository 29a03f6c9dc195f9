import {
  AbortMultipartUploadCommand,
  ListMultipartUploadsCommand,
  type MultipartUpload,
  NoSuchUpload,
  type S3Client,
} from '@aws-sdk/client-s3';
import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import * as z from 'zod';
import { tempFolderOf } from '../../lambdas/core/part-files.ts';
import { parseRequest } from '../../lambdas/core/request.ts';
import { runPaths } from '../../lambdas/core/run-paths.ts';
import type { Arguments } from '../arguments.ts';
import { connect } from '../connect.ts';
import type { Connection } from '../connection.ts';
import { ExitCode } from '../exit-codes.ts';
import type { Output } from '../output.ts';
import { RunFolder } from '../run-folder.ts';
import { settingsOf } from '../settings.ts';
import { UsageError } from '../usage-error.ts';
import { runOf } from '../watch.ts';
import { arnOf, namedExecution, stateMachineOf } from './execution.ts';

const Recorded = z.object({ key: z.string(), uploadId: z.string() });
const Failure = z.object({ sourceKey: z.string(), target: z.string().optional() });
const Record = z.object({ request: z.record(z.string(), z.unknown()) });

/** An upload at the destination that its run will not end any more. */
interface Left {
  readonly bucket: string;
  readonly key: string;
  readonly uploadId: string;
}

/**
 * Ends the multipart uploads that a failed run keeps for its redrive: those that it has recorded, and those of the
 * same role on the same keys and part files that no record names.
 *
 * @returns the exit code
 * @throws {UsageError} while the execution runs
 */
export async function cleanup(args: Arguments, output: Output): Promise<number> {
  const execution = namedExecution(args, 'cleanup');
  const settings = settingsOf(args);
  const stateMachineArn = stateMachineOf(execution) ?? settings.stateMachineArn;
  const connection = await connect({ ...settings, stateMachineArn });
  try {
    const executionArn = arnOf(connection, execution);
    await refuseRunning(connection, executionArn);
    const folder = new RunFolder(connection.s3, connection.workBucket, runOf(executionArn));
    const left = await uploadsLeft(connection.s3, folder);
    for (const upload of left) await abort(connection.s3, upload);
    output.line(
      `ended ${left.length} unfinished ${left.length === 1 ? 'upload' : 'uploads'} of ${folder.locate('')}`,
    );
    return ExitCode.done;
  } finally {
    await connection.close();
  }
}

async function refuseRunning({ sfn }: Connection, executionArn: string): Promise<void> {
  const { status } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
  if (status !== 'RUNNING') return;
  throw new UsageError(
    `${executionArn} is running and needs its uploads: stop it first, or wait for its end`,
  );
}

async function uploadsLeft(s3: S3Client, folder: RunFolder): Promise<Left[]> {
  const record = await folder.json('request.json', Record);
  if (record === undefined) throw new UsageError(`there is no run in ${folder.locate('')}`);
  const { dest, tempPrefix } = parseRequest(record.request);
  if (dest === undefined) return [];
  const recorded = await recordedUploads(folder);
  const failures = await folder.lines(runPaths.failures, Failure);
  const temp = { bucket: tempPrefix.bucket ?? dest.bucket, prefix: tempPrefix.prefix };
  const found: Left[] = recorded.map((upload) => ({ bucket: dest.bucket, ...upload }));
  const targets = new Set([
    ...recorded.map(({ key }) => key),
    ...failures.flatMap(({ target }) => target ?? []),
  ]);
  const ours = await initiatorOf(s3, found);
  for (const target of targets) {
    const open = await openUploads(s3, dest.bucket, target);
    found.push(
      ...open.filter((upload) => upload.Key === target && isOf(ours, upload)).map(leftIn(dest.bucket)),
    );
  }
  for (const { sourceKey } of failures) {
    const open = await openUploads(s3, temp.bucket, `${temp.prefix}${sourceKey}/`);
    const parts = open.filter(({ Key = '' }) => tempFolderOf(temp.prefix, Key) !== undefined);
    found.push(...parts.map(leftIn(temp.bucket)));
  }
  return [...new Map(found.map((upload) => [upload.uploadId, upload])).values()];
}

const leftIn =
  (bucket: string) =>
  ({ Key = '', UploadId = '' }: MultipartUpload): Left => ({ bucket, key: Key, uploadId: UploadId });

/** Without a recorded upload that is still open nobody can tell which of the others are the run's. */
const isOf = (initiator: string | undefined, upload: MultipartUpload): boolean =>
  initiator !== undefined && upload.Initiator?.ID === initiator;

async function initiatorOf(s3: S3Client, recorded: readonly Left[]): Promise<string | undefined> {
  for (const { bucket, key, uploadId } of recorded) {
    const mine = (await openUploads(s3, bucket, key)).find(({ UploadId }) => UploadId === uploadId);
    if (mine?.Initiator?.ID !== undefined) return mine.Initiator.ID;
  }
  return undefined;
}

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

async function abort(s3: S3Client, { bucket, key, uploadId }: Left): Promise<void> {
  try {
    await s3.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key: key, UploadId: uploadId }));
  } catch (error) {
    if (!(error instanceof NoSuchUpload)) throw error;
  }
}
