import * as z from 'zod';
import { Denied, describeDenial, notTried } from '../../core/access/early-stop.ts';
import { counted } from '../../core/model/counted.ts';
import { CopyError } from '../../core/model/errors.ts';
import type { PlanCounts } from '../../core/model/plan.ts';
import { addTotals, noOutcomes, type Report } from '../../core/model/report.ts';
import { runPaths } from '../../core/model/run-paths.ts';
import { addsUp, type Totals } from '../../core/model/statuses.ts';
import { formatVersion, type ReportInput, type ReportOutput } from '../../core/model/task-inputs.ts';
import { Deletes, deleteGuard, noDeletes } from '../../core/rules/delete-guard.ts';
import { PassIndex } from '../../core/rules/passes.ts';
import type { ReportId } from '../../core/run/batch-outcomes.ts';
import { logger } from '../../core/run/log.ts';
import { onlyPlans, openRun, type Run, type WorkBucket } from '../../core/run/open-run.ts';
import { type Tallied, tally } from '../../core/run/tally.ts';
import type { Invocation } from '../../core/run/task.ts';
import { planWithFound } from '../../core/run/totals.ts';
import { buildReport, type Earlier } from './build-report.ts';
import { keepCopyRecords } from './copy-records/keep-copy-records.ts';
import { mergeFailures } from './merge-failures.ts';
import { writeRedriveBatches } from './redrive.ts';
import { renderPage } from './render-page.ts';
import { writeDifferences } from './write-differences.ts';

/** Which pass was reported, or got its batches, last, in which redrive of the execution. */
const Reported = z.strictObject({ v: z.literal(1), pass: z.int().min(1), redrives: z.int().nonnegative() });

const unfinished = (pass: number): ReportOutput => ({
  v: formatVersion,
  done: false,
  again: false,
  pass,
  objects: 0,
  multipart: 0,
});

const finished = (pass: number): ReportOutput => ({ ...unfinished(pass), done: true });

const goTo = (pass: number, { objects, multipart }: PassIndex): ReportOutput => ({
  v: formatVersion,
  done: true,
  again: true,
  pass,
  objects,
  multipart,
});

/**
 * Writes the report, and fails the execution when something that should be at the destination is not. Re-entered by
 * a redrive, it batches what is not there instead, and leads back to the copy.
 *
 * @throws {CopyError} `ObjectsFailedError` with the counts and the report's address
 */
export async function report(
  input: ReportInput,
  workBucket: WorkBucket,
  invocation: Invocation,
): Promise<ReportOutput> {
  const run = await openRun(input.run, workBucket);
  const { count: redrives } = input.redrive;
  const reported = await run.files.find(runPaths.reported, Reported);
  // The batches of the pass were written, but their writer died before it returned.
  if (reported !== undefined && reported.pass > input.pass) {
    return goTo(reported.pass, await run.files.read(runPaths.pass(reported.pass), PassIndex));
  }
  if (reported !== undefined && reported.redrives < redrives && !onlyPlans(run)) {
    const next = await redrive(run, { pass: input.pass, redrives }, invocation);
    if (next !== 'nothing') return next;
  }
  return conclude(run, input, invocation);
}

async function redrive(run: Run, of: ReportId, { deadline }: Invocation): Promise<ReportOutput | 'nothing'> {
  const pass = of.pass + 1;
  const index = await writeRedriveBatches(run, of, deadline);
  if (index === undefined) return unfinished(of.pass);
  const { undeleted } = await deletesOf(run, of.pass);
  // A pass without batches leads to the deletes again.
  if (index.objects + index.multipart + undeleted === 0) return 'nothing';
  await run.files.write(runPaths.pass(pass), index);
  await run.files.write(runPaths.reported, { v: 1, pass, redrives: of.redrives });
  logger.info('redrive-batched', { pass, ...index });
  return goTo(pass, index);
}

async function conclude(
  run: Run,
  { pass, executionArn, redrive: { count: redrives, time: redrivenAt } }: ReportInput,
  invocation: Invocation,
): Promise<ReportOutput> {
  const { deadline } = invocation;
  const { plan, found, lists } = await planWithFound(run);
  const deletes = await deletesOf(run, pass);
  const of = { pass, redrives };
  if (run.copyRequest.compareOnly && !(await writeDifferences(run, deadline))) return unfinished(pass);
  const tallied = onlyPlans(run) ? nothingEnded : await tally(run, of, plan, found, deadline);
  if (tallied === undefined) return unfinished(pass);
  if (!(await mergeFailures(run.files, of, tallied.sequences, deadline))) return unfinished(pass);
  const notes = await keepCopyRecords(run, of, tallied.copyRecords, invocation);
  if (notes === undefined) return unfinished(pass);
  const stopped = await stoppedBy(run, pass, tallied);
  const facts = {
    executionArn,
    passes: pass,
    redrives,
    redrivenAt,
    endedAt: new Date(),
    earlier: await earlierOf(run, redrives),
    failures: tallied.failures,
    deletes,
    lists,
    untidied: tallied.untidied,
    notes: [...stopped, ...notes],
  };
  const result = buildReport(run, plan, tallied.endings, facts);
  refuseWrongSums(run, result, addTotals(plan, tallied.endings));
  await write(run, result);
  await run.files.write(runPaths.reported, { v: 1, ...of });
  logger.info('run-reported', { run: run.name, outcome: result.outcome });
  if (result.outcome === 'failed') {
    throw deletes.state === 'guarded' ? guarded(run, plan, result) : failed(result, stopped);
  }
  return finished(pass);
}

/** A report as far as a later one needs it: an older version may have written it. */
const EarlierReport = z.object({
  redrives: z.int(),
  seconds: z.number(),
  copied: z.int(),
  bytes: z.object({ copied: z.int() }),
  attempt: z
    .object({ seconds: z.number(), copied: z.int().optional(), bytes: z.int().optional() })
    .optional(),
});

/** What the attempts before a redrive have done; undefined when the last of them has no report. */
async function earlierOf({ files }: Run, redrives: number): Promise<Earlier | undefined> {
  if (redrives === 0) return undefined;
  const last = await files.find(runPaths.report, EarlierReport);
  if (last === undefined) return undefined;
  const { seconds, copied, bytes, attempt } = last;
  if (last.redrives === redrives - 1) return { seconds, copied, bytes: bytes.copied };
  // Of this very attempt: its Report was called again after it had written all.
  if (last.redrives !== redrives || attempt?.copied === undefined) return undefined;
  return {
    seconds: seconds - attempt.seconds,
    copied: copied - attempt.copied,
    bytes: bytes.copied - (attempt.bytes ?? 0),
  };
}

/** The outcome of the deletes after a pass. None were started if nothing was to be deleted. */
const deletesOf = async ({ files }: Run, pass: number): Promise<Deletes> =>
  (await files.find(runPaths.deletes(pass), Deletes)) ?? { ...noDeletes, state: 'done' };

const nothingEnded: Tallied = {
  endings: noOutcomes,
  failures: [],
  sequences: [],
  copyRecords: 0,
  untidied: 0,
};

/** Counts that do not add up would be a lie, whatever they say. A dry run has ended nothing. */
function refuseWrongSums(run: Run, { run: name }: Report, totals: Totals): void {
  const ended = onlyPlans(run) ? { ...totals.ended, copied: totals.planned } : totals.ended;
  if (addsUp({ ...totals, ended })) return;
  throw new CopyError('RunFileError', `the sums of run ${name} do not add up: ${JSON.stringify(totals)}`);
}

async function write({ files }: Run, result: Report): Promise<void> {
  const results: string[] = [];
  for await (const path of files.list('results/')) results.push(path);
  const plan: string[] = [];
  for await (const path of files.list('plan/lines/')) plan.push(path);
  await files.write(runPaths.manifest, { v: 1, plan, results });
  await files.writeText(runPaths.page, renderPage(result));
  await files.write(runPaths.report, result);
}

/** Why the run has not tried all, when it was denied everything. */
async function stoppedBy({ files }: Run, pass: number, { failures }: Tallied): Promise<string[]> {
  const untried = failures.find(({ reason }) => reason === notTried);
  if (untried === undefined) return [];
  const denied = await files.find(runPaths.denied(pass), Denied);
  const why = denied === undefined ? untried.samples[0]?.message : describeDenial(denied);
  return [`stopped early, and left ${counted(untried.objects, 'object')} untried: ${why}`];
}

function failed(result: Report, stopped: readonly string[]): CopyError {
  const counts = (['refused', 'changed', 'archived', 'conflict', 'failed', 'missing'] as const)
    .filter((name) => result[name] > 0)
    .map((name) => `${result[name]} ${name}`);
  if (result.undeleted > 0) counts.push(`${result.undeleted} not deleted`);
  return new CopyError(
    'ObjectsFailedError',
    `${stopped.map((words) => `${words}; `).join('')}${counts.join(', ')}; ${result.copied} of ${result.planned} planned objects are copied; report: ${result.files.report}`,
  );
}

function guarded({ copyRequest }: Run, plan: PlanCounts, { copied, planned, files }: Report): CopyError {
  const { objects } = plan.extra;
  return new CopyError(
    'DeleteGuardError',
    `delete: ${deleteGuard(copyRequest.maxDelete, plan)}; nothing was deleted; ${copied} of ${planned} planned objects are copied; ` +
      `if that is meant, start a new run with another \`maxDelete\`; report: ${files.report}`,
    { candidates: objects, inScope: plan.inScope, listed: plan.listed },
  );
}
