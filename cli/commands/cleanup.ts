import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import { readRunAccess } from '../../core/access/role-access.ts';
import { formatBytes } from '../../core/model/byte-size.ts';
import { counted } from '../../core/model/counted.ts';
import { formatLocation } from '../../core/model/location.ts';
import { AllRuns } from '../../core/run/run-files.ts';
import { applyTerms } from '../../core/s3/bucket-terms.ts';
import { ObjectStore } from '../../core/s3/object-store.ts';
import { RequestLimiter } from '../../core/s3/request-limiter.ts';
import type { Arguments } from '../arguments.ts';
import { connect } from '../connect.ts';
import type { Connection } from '../connection.ts';
import { type EndedRun, readRun } from '../ended-run.ts';
import { ExitCode } from '../exit-codes.ts';
import { type LeftFolder, partFilesLeft, removeLeft } from '../left-part-files.ts';
import { abortUpload, type LeftUpload, type LookingPlace, uploadsLeft } from '../left-uploads.ts';
import type { Output } from '../output.ts';
import { printable } from '../printable.ts';
import { RunFolder } from '../run-folder.ts';
import { quoted } from '../shell.ts';
import { UsageError } from '../usage-error.ts';
import { runOf } from '../watch.ts';
import { arnOf, namedExecution, settingsFor } from './execution.ts';

const requestsInFlight = 16;

/**
 * Removes what a run has left at the destination besides its copies: the uploads that it keeps for a redrive, and the
 * part files of its staged copies. Without `--yes`, and with `--dry-run`, it only says what would be removed.
 *
 * @returns the exit code
 * @throws {UsageError} while the execution runs
 */
export async function cleanup(args: Arguments, output: Output): Promise<number> {
  const execution = namedExecution(args, 'cleanup');
  const settings = settingsFor(execution, args);
  const connection = await connect(settings);
  try {
    const executionArn = arnOf(connection, execution);
    const endedAt = await endOf(connection, executionArn);
    const name = runOf(executionArn);
    const folder = new RunFolder(connection.s3, connection.workBucket, name);
    const run = await readRun(name, folder, endedAt);
    return run === undefined ? ExitCode.done : await cleanUp(run, connection, args, output);
  } finally {
    await connection.close();
  }
}

/** When an execution ended. One that runs is refused. */
async function endOf({ sfn }: Connection, executionArn: string): Promise<Date> {
  const { status, stopDate = new Date() } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
  if (status !== 'RUNNING') return stopDate;
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
  { s3, workBucket, flags }: Connection,
  { given }: Arguments,
  output: Output,
): Promise<number> {
  applyTerms(s3, readRunAccess(run.request).copying.terms ?? {});
  const store = new ObjectStore(s3);
  const requests = new RequestLimiter(requestsInFlight);
  const place: LookingPlace = { store, requests, allRuns: new AllRuns(store, workBucket) };
  const isMeant = given.get('yes') === true && given.get('dry-run') !== true;
  const found: Found = { uploads: 0, files: 0, bytes: 0, left: [] };
  await endUploads(await uploadsLeft(run, place), place, isMeant, found, output);
  for await (const folder of partFilesLeft(run, place)) {
    await endUploads(folder.uploads, place, isMeant, found, output);
    await removeFiles(folder, place, isMeant, found, output);
    await output.taken();
  }
  return conclude(found, isMeant, `s3copy cleanup ${quoted(run.name)} ${flags} --yes`, output);
}

async function endUploads(
  uploads: readonly LeftUpload[],
  place: LookingPlace,
  isMeant: boolean,
  found: Found,
  output: Output,
): Promise<void> {
  for (const upload of uploads) {
    found.uploads += 1;
    if (isMeant) await abortUpload(upload, place);
    const where = printable(formatLocation(upload.bucket, upload.key));
    output.line(`${isMeant ? 'ended' : 'would end'} the upload of ${where}`);
  }
}

async function removeFiles(
  folder: LeftFolder,
  place: LookingPlace,
  isMeant: boolean,
  found: Found,
  output: Output,
): Promise<void> {
  if (folder.files === 0) return;
  found.files += folder.files;
  found.bytes += folder.bytes;
  if (isMeant) found.left.push(...(await removeLeft(folder, place)));
  output.line(`${isMeant ? 'removed' : 'would remove'} ${folderText(folder)}`);
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
