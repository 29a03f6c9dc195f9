import type { Allowed } from '../../core/access/allowed.ts';
import { checkRequest } from '../../core/access/check-copy-request.ts';
import { readRunAccess } from '../../core/access/role-access.ts';
import { CopyError } from '../../core/model/errors.ts';
import { formatVersion, type PrepareInput, type PrepareOutput } from '../../core/model/task-inputs.ts';
import { logger } from '../../core/run/log.ts';
import { openRun, openRunFiles, RunRecord, runRecordPath, type WorkBucket } from '../../core/run/open-run.ts';
import type { Invocation } from '../../core/run/task.ts';
import { findRegion } from '../../core/s3/regions.ts';
import { refuseWrongOwners } from './owners.ts';
import { probe } from './probes.ts';
import { refuseOtherTempBucket } from './temp-bucket.ts';

/** What `prepare` is asked for. */
export type PrepareTask = Pick<PrepareInput, 'request' | 'execution'>;

/** What `prepare` works with. */
export interface PrepareDependencies {
  readonly workBucket: WorkBucket;
  readonly allowed: Allowed;
  /** How many functions may run at once, where that is known. @default any number */
  readonly functionsAtOnce?: () => Promise<number | undefined>;
}

/**
 * Parses the request, finds both buckets and what is missing to use them, and records the run.
 *
 * @throws {CopyError} `InvalidRequestError`, `BucketNotFoundError`, `PermissionError`, `RunFolderInUseError`
 */
export async function prepare(
  input: PrepareTask,
  dependencies: PrepareDependencies,
  { deadline }: Invocation,
): Promise<PrepareOutput> {
  const { workBucket, allowed } = dependencies;
  const request = checkRequest(input.request, allowed, (bucket) => bucket === workBucket.name);
  const { copying, listing } = readRunAccess(request);
  const source = await findRegion('src', request.src.bucket, workBucket.stores, workBucket.region, copying);
  const destination =
    request.dest === undefined
      ? source
      : await findRegion('dest', request.dest.bucket, workBucket.stores, workBucket.region, listing);
  await refuseOtherTempBucket(request, destination, workBucket.stores);
  await refuseWrongOwners(request, { source, destination }, workBucket.stores);
  const functionsAtOnce = await dependencies.functionsAtOnce?.();
  await record(input, { regions: { source, destination }, functionsAtOnce }, workBucket);
  const run = await openRun(input.execution.name, workBucket);
  await probe(run, workBucket, deadline);
  logger.info('run-prepared', { run: run.name, source: request.src, destination: request.dest });
  return { v: formatVersion, run: run.name, workers: request.workers };
}

/** The first execution to write the record has the folder; the same one may come again. */
async function record(
  input: PrepareTask,
  found: Pick<RunRecord, 'regions' | 'functionsAtOnce'>,
  workBucket: WorkBucket,
): Promise<void> {
  const { arn, name, startTime } = input.execution;
  const files = openRunFiles(workBucket, name);
  const mine: RunRecord = {
    v: formatVersion,
    execution: { arn, startTime },
    request: input.request as Record<string, unknown>,
    ...found,
  };
  if ((await files.commit(runRecordPath, mine, undefined)) !== undefined) return;
  const { execution } = await files.read(runRecordPath, RunRecord);
  if (execution.arn === arn && execution.startTime === startTime) return;
  throw new CopyError(
    'RunFolderInUseError',
    `${files.locate('')} belongs to ${execution.arn}, started ${execution.startTime}: start the execution under another name`,
  );
}
