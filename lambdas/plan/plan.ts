import { total } from '../../core/model/plan.ts';
import { firstCursor, PlanCursor } from '../../core/model/plan-cursor.ts';
import { runPaths } from '../../core/model/run-paths.ts';
import type { PlanInput, PlanOutput } from '../../core/model/task-inputs.ts';
import { formatVersion } from '../../core/model/task-inputs.ts';
import type { Deadline } from '../../core/rules/deadline.ts';
import { logger } from '../../core/run/log.ts';
import { onlyPlans, openRun, type Run, type WorkBucket } from '../../core/run/open-run.ts';
import type { Checkpoint } from '../../core/run/run-files.ts';
import { RequestLimiter } from '../../core/s3/request-limiter.ts';
import { decideKeys } from './decide-keys.ts';
import { writeBatches } from './write-batches.ts';

/** Listings, look-ups and comparisons in flight. */
const requestsInFlight = 64;

/** What `plan` works with. */
export interface PlanDependencies {
  readonly workBucket: WorkBucket;
  readonly deadline: Deadline;
  readonly requestId: string;
}

/**
 * Decides on every key of source and destination and writes the batches of the first pass. Stops before its
 * deadline. The next call continues from the last checkpoint.
 *
 * @throws {CopyError} `PlanTooBigError`, or `InvalidRequestError` for a list that is wrong
 */
export async function plan(input: PlanInput, dependencies: PlanDependencies): Promise<PlanOutput> {
  const run = await openRun(input.run, dependencies.workBucket);
  const cursor = await advance(run, dependencies);
  const isDone = cursor?.value.phase === 'done';
  if (isDone) logger.info('plan-done', { run: run.name, planned: total(cursor.value.counts.planned) });
  const { objects, multipart } = cursor?.value.packing ?? firstCursor.packing;
  return {
    v: formatVersion,
    done: isDone,
    deletes: isDone && deletes(run, cursor.value),
    pass: 1,
    objects,
    multipart,
  };
}

const deletes = (run: Run, { counts }: PlanCursor): boolean =>
  run.copyRequest.delete && !onlyPlans(run) && counts.extra.objects > 0;

async function advance(
  run: Run,
  dependencies: PlanDependencies,
): Promise<Checkpoint<PlanCursor> | undefined> {
  const { workBucket, deadline, requestId } = dependencies;
  const limiter = new RequestLimiter(requestsInFlight);
  const lists = { stores: workBucket.stores, limiter, home: workBucket.region, lines: [] };
  const found = await run.files.checkpoint(runPaths.planCursor, PlanCursor);
  let cursor: Checkpoint<PlanCursor> | undefined = found ?? { value: firstCursor };
  if (cursor.value.phase === 'list') {
    cursor = await decideKeys({ run, limiter, lists, deadline, requestId }, cursor);
  }
  if (cursor?.value.phase !== 'deal') return cursor;
  if (onlyPlans(run)) {
    return run.files.commit(runPaths.planCursor, { ...cursor.value, phase: 'done' as const }, cursor);
  }
  return deadline.hasPassed() ? cursor : writeBatches({ files: run.files, deadline }, cursor);
}
