import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import { formatLocation } from '../../lambdas/core/location.ts';
import { formatBytes } from '../../lambdas/core/size.ts';
import { ObjectStore } from '../../lambdas/s3/object-store.ts';
import { Requests } from '../../lambdas/s3/requests.ts';
import type { Arguments } from '../arguments.ts';
import { connect } from '../connect.ts';
import type { Connection } from '../connection.ts';
import { type EndedRun, readRun } from '../ended-run.ts';
import { ExitCode } from '../exit-codes.ts';
import { type LeftFolder, partFilesLeft, removeLeft } from '../left-part-files.ts';
import { abortUpload, uploadsLeft } from '../left-uploads.ts';
import type { Output } from '../output.ts';
import { counted, printable } from '../printable.ts';
import { RunFolder } from '../run-folder.ts';
import { settingsOf } from '../settings.ts';
import { UsageError } from '../usage-error.ts';
import { runOf } from '../watch.ts';
import { arnOf, namedExecution, stateMachineOf } from './execution.ts';

const requestsInFlight = 16;

/**
 * Removes what a run has left at the destination beside its copies: the uploads that it keeps for a redrive, and the
 * part files of its staged copies. Without `--yes` it only says what would go.
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
    const name = runOf(executionArn);
    const run = await readRun(name, new RunFolder(connection.s3, connection.workBucket, name));
    return run === undefined ? ExitCode.done : await cleanUp(run, connection, args, output);
  } finally {
    await connection.close();
  }
}

async function refuseRunning({ sfn }: Connection, executionArn: string): Promise<void> {
  const { status } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
  if (status !== 'RUNNING') return;
  throw new UsageError(
    `${executionArn} is running and needs its uploads and part files: stop it first, or wait for its end`,
  );
}

/** What was found, and what of it S3 did not remove. */
interface Found {
  uploads: number;
  files: number;
  bytes: number;
  readonly left: string[];
}

async function cleanUp(
  run: EndedRun,
  { s3, flags }: Connection,
  { given }: Arguments,
  output: Output,
): Promise<number> {
  const isMeant = given.get('yes') === true;
  const found: Found = { uploads: 0, files: 0, bytes: 0, left: [] };
  for (const upload of await uploadsLeft(s3, run)) {
    found.uploads += 1;
    if (isMeant) await abortUpload(s3, upload);
    const place = printable(formatLocation(upload.bucket, upload.key));
    output.line(`${isMeant ? 'ended' : 'would end'} the upload of ${place}`);
  }
  const store = new ObjectStore(s3);
  const requests = new Requests(requestsInFlight);
  for await (const folder of partFilesLeft(run, store, requests)) {
    found.files += folder.files;
    found.bytes += folder.bytes;
    if (isMeant) found.left.push(...(await removeLeft(folder, store, requests)));
    output.line(`${isMeant ? 'removed' : 'would remove'} ${folderText(folder)}`);
    await output.taken();
  }
  return conclude(found, isMeant, `s3copy cleanup ${run.name} ${flags} --yes`, output);
}

const folderText = ({ bucket, folder, files, bytes }: LeftFolder): string =>
  `${counted(files, 'part file')} (${formatBytes(bytes)}) below ${printable(formatLocation(bucket, folder))}/`;

function conclude(found: Found, isMeant: boolean, again: string, output: Output): number {
  const { uploads, files, bytes, left } = found;
  const what = `${counted(uploads, 'unfinished upload')} and ${counted(files, 'part file')} (${formatBytes(bytes)})`;
  if (uploads + files === 0) output.line('nothing is left of this run');
  else if (isMeant) output.line(`ended and removed ${what}`);
  else output.line(`${what} are left of this run; to end and remove them: ${again}`);
  for (const file of left) output.note(`not removed: ${printable(file)}`);
  return left.length > 0 ? ExitCode.incomplete : ExitCode.done;
}
