import { CopyError } from '../../core/model/errors.ts';
import { type PlanCounts, PlanLine } from '../../core/model/plan.ts';
import { PlanCursor } from '../../core/model/plan-cursor.ts';
import { addTotals } from '../../core/model/report.ts';
import { runPaths } from '../../core/model/run-paths.ts';
import { isFailure } from '../../core/model/statuses.ts';
import { type DeleteInput, type DeleteOutput, formatVersion } from '../../core/model/task-inputs.ts';
import type { Deadline } from '../../core/rules/deadline.ts';
import { Deletes, deleteGuard, noDeletes } from '../../core/rules/delete-guard.ts';
import { logger } from '../../core/run/log.ts';
import { onlyPlans, openRun, type Run, type WorkBucket } from '../../core/run/open-run.ts';
import type { Checkpoint } from '../../core/run/run-files.ts';
import { tally } from '../../core/run/tally.ts';
import type { Invocation } from '../../core/run/task.ts';
import { planWithFound } from '../../core/run/totals.ts';
import { RequestLimiter } from '../../core/s3/request-limiter.ts';
import { atSource } from './at-source.ts';
import { type DeleteContext, deleteKeys, type ExtraKey } from './delete-keys.ts';

/** Lines of the plan between two checkpoints: few enough to be asked for and deleted in a moment. */
const linesAtOnce = 2_000;
const requestsInFlight = 64;

/**
 * Deletes the destination keys that the source does not have: those of the plan that a look just before the delete
 * confirms. Nothing is deleted if too many keys would be, or if an object that should be at the destination is not; the
 * report says so. Called again until done. Deleting a key again is harmless.
 */
export async function deleteObjects(
  { run: name, pass }: DeleteInput,
  workBucket: WorkBucket,
  { deadline }: Invocation,
): Promise<DeleteOutput> {
  const run = await openRun(name, workBucket);
  const plan = await run.files.read(runPaths.planCursor, PlanCursor);
  const path = runPaths.deletes(pass);
  const found = await run.files.checkpoint(path, Deletes);
  let cursor: Checkpoint<Deletes> | undefined = found ?? (await begin(run, pass, deadline));
  while (cursor?.value.state === 'deleting' && !deadline.hasPassed()) {
    const next = await goOn(run, pass, plan.files, cursor.value);
    cursor = await run.files.commit(path, next, cursor);
  }
  const isDone = cursor !== undefined && cursor.value.state !== 'deleting';
  if (isDone) logger.info('deletes-done', { pass, ...cursor?.value });
  return { v: formatVersion, done: isDone };
}

/**
 * Decides whether anything may be deleted.
 *
 * @returns undefined when there was no time to know how the run ended, or another invocation was first
 */
async function begin(run: Run, pass: number, deadline: Deadline): Promise<Checkpoint<Deletes> | undefined> {
  if (!run.copyRequest.delete || onlyPlans(run) || run.destination === undefined) {
    throw new CopyError('InvalidRequestError', 'delete: the request does not ask for it');
  }
  const { plan, found } = await planWithFound(run);
  const counted = await tally(run, { pass, redrives: 0 }, plan, found, deadline);
  if (counted === undefined) return undefined;
  const state = stateOf(run, plan, isFailure(addTotals(plan, counted.endings), run.copyRequest.archived));
  return run.files.commit(runPaths.deletes(pass), { ...noDeletes, state }, undefined);
}

function stateOf({ copyRequest }: Run, plan: PlanCounts, hasFailed: boolean): Deletes['state'] {
  if (hasFailed) return 'held';
  return deleteGuard(copyRequest.maxDelete, plan) === undefined ? 'deleting' : 'guarded';
}

/** Deletes what the next lines of the plan name. */
async function goOn(run: Run, pass: number, planFiles: readonly string[], from: Deletes): Promise<Deletes> {
  const name = planFiles[from.file];
  if (name === undefined) return { ...from, state: 'done' };
  const lines = await run.files.lines(runPaths.planLines(name), PlanLine);
  const end = Math.min(lines.length, from.line + linesAtOnce);
  const extra = lines.slice(from.line, end).filter((line): line is ExtraKey => line.action === 'extra');
  const context = contextOf(run);
  const wanted = await atSource(
    { ...run.source, limiter: context.limiter },
    extra.map(({ key }) => key),
  );
  const keys = extra.filter(({ key }) => !wanted.has(key));
  const ends = await deleteKeys(context, keys);
  if (ends.undeleted.length > 0) {
    await run.files.writeLines(runPaths.undeleted(pass, from.file, from.line), ends.undeleted);
  }
  const position = end < lines.length ? { line: end } : { file: from.file + 1, line: 0 };
  return {
    ...from,
    ...position,
    deleted: from.deleted + ends.deleted,
    kept: from.kept + ends.kept + wanted.size,
    undeleted: from.undeleted + ends.undeleted.length,
  };
}

function contextOf({ destination }: Run): DeleteContext {
  if (destination === undefined) throw new CopyError('InvalidRequestError', 'delete: needs dest');
  const { lister, bucket } = destination;
  return { store: lister, bucket, limiter: new RequestLimiter(requestsInFlight) };
}
