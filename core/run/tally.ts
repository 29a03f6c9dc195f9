import * as z from 'zod';
import type { BatchedObject, MapName } from '../model/batches.ts';
import { compareKeys } from '../model/bytes.ts';
import { makeCopyRecord } from '../model/copy-records.ts';
import type { ObjectErrorName } from '../model/errors.ts';
import { countFailure, FailureGroup, type FailureSample } from '../model/failure-groups.ts';
import type { FoundFiles } from '../model/found-files.ts';
import { relativeKey } from '../model/paths.ts';
import { type PlanCounts, PlanLine, type RefusedLine } from '../model/plan.ts';
import { PlanCursor } from '../model/plan-cursor.ts';
import { countOutcome, noOutcomes, OutcomeCounts } from '../model/report.ts';
import type { ObjectResult } from '../model/results.ts';
import { runPaths } from '../model/run-paths.ts';
import type { Deadline } from '../rules/deadline.ts';
import { hashes } from '../rules/hashes.ts';
import { PassIndex } from '../rules/passes.ts';
import { type BatchOutcomes, type ReportId, readBatchOutcomes } from './batch-outcomes.ts';
import { mapNames, refuseMissing } from './batches.ts';
import type { Run } from './open-run.ts';
import type { Checkpoint } from './run-files.ts';
import { addFailures, endSequence, type FailureLine, noFailures, SortedFailures } from './sorted-failures.ts';

const Counts = z.int().nonnegative();

/** How far the results are counted. */
const Cursor = z.strictObject({
  v: z.literal(1),
  /** Index of the current map. After the maps come the files of the plan. */
  map: Counts,
  after: z.string(),
  found: Counts,
  planFile: Counts,
  endings: OutcomeCounts,
  failures: SortedFailures,
  reasons: z.array(FailureGroup).default([]),
  /** Copies that have proven what no ETags will tell the next run. */
  copyRecords: Counts.default(0),
  /** Copies that left part files which were not to be kept. */
  untidied: Counts.default(0),
});
type Cursor = z.infer<typeof Cursor>;

const firstCursor: Cursor = {
  v: 1,
  map: 0,
  after: '',
  found: 0,
  planFile: 0,
  endings: noOutcomes,
  failures: noFailures,
  reasons: [],
  copyRecords: 0,
  untidied: 0,
};

const batchesAtOnce = 200;

/** The counts of a whole run, and where its failures are. */
export interface Tallied {
  readonly endings: OutcomeCounts;
  readonly failures: readonly FailureGroup[];
  /** Ascending sequences of failures: the chunks of each. */
  readonly sequences: readonly number[];
  /** Copies that have proven what no ETags will tell the next run. */
  readonly copyRecords: number;
  /** Copies that left part files which were not to be kept. */
  readonly untidied: number;
}

/**
 * Counts the outcomes of all planned objects over all passes, and writes down the failures. It reads only batches and
 * results, which are never changed.
 *
 * @param found files that were missing in the plan and that a redrive found
 * @returns undefined when the deadline passed before all were counted
 */
export async function tally(
  run: Run,
  of: ReportId,
  plan: PlanCounts,
  found: FoundFiles,
  deadline: Deadline,
): Promise<Tallied | undefined> {
  const path = runPaths.reportCursor(of.pass, of.redrives);
  const { files: planFiles } = await run.files.read(runPaths.planCursor, PlanCursor);
  const wanted = total(plan, planFiles);
  let cursor: Checkpoint<Cursor> | undefined = (await run.files.checkpoint(path, Cursor)) ?? {
    value: firstCursor,
  };
  while (cursor !== undefined && !isDone(cursor.value, wanted)) {
    if (deadline.hasPassed()) return undefined;
    const next: Cursor =
      cursor.value.map < mapNames.length
        ? await countBatches(run, of, found, cursor.value, deadline)
        : await countPlanFile(run, of, wanted[cursor.value.planFile] as string, found, cursor.value);
    cursor = await run.files.commit(path, next, cursor);
  }
  if (cursor === undefined) return undefined;
  const { endings, failures, reasons, copyRecords, untidied } = cursor.value;
  const { ended } = await endSequence(run.files, of, failures);
  return { endings, failures: reasons, sequences: ended, copyRecords, untidied };
}

/** The plan's files hold failures only if something was refused or missing. */
const total = (plan: PlanCounts, files: readonly string[]): readonly string[] =>
  plan.missing > 0 || Object.keys(plan.refused).length > 0 ? files : [];

const isDone = (cursor: Cursor, planFiles: readonly string[]): boolean =>
  cursor.map >= mapNames.length && cursor.planFile >= planFiles.length;

/**
 * Counts the batches of a map, one round at a time. Objects are packed into batches in rounds, and all keys of a round
 * come after those of the round before, so sorting the failures of each round sorts them all. Batches of files that only
 * a redrive found belong to no round.
 */
async function countBatches(
  run: Run,
  of: ReportId,
  found: FoundFiles,
  from: Cursor,
  deadline: Deadline,
): Promise<Cursor> {
  const map = mapNames[from.map] as MapName;
  const planned = (await run.files.find(runPaths.pass(1), PassIndex))?.[map] ?? 0;
  const round = new Round(run, of, from);
  for await (const ended of readBatchOutcomes(run.files, map, of.pass, from.after)) {
    if (round.isBefore(ended) || Number(ended.batch) > planned) {
      const cursor = await round.close();
      const isEnough = cursor.found - from.found >= batchesAtOnce || deadline.hasPassed();
      if (isEnough && cursor.found > from.found) return cursor;
    }
    round.add(ended);
  }
  const cursor = await round.close();
  refuseMissing(1, map, cursor.found, planned + found.batches[map]);
  return { ...cursor, map: cursor.map + 1, after: '', found: 0 };
}

/** The batches that are counted together. */
class Round {
  readonly #run: Run;
  readonly #of: ReportId;
  #cursor: Cursor;
  #lines: FailureLine[] = [];
  #last = '';

  constructor(run: Run, of: ReportId, from: Cursor) {
    this.#run = run;
    this.#of = of;
    this.#cursor = from;
  }

  /** Whether all of it lies before this batch. */
  isBefore({ objects }: BatchOutcomes): boolean {
    return compareKeys(objects[0]?.key ?? '', this.#last) > 0;
  }

  add({ batch, objects, results }: BatchOutcomes): void {
    let { endings, reasons, copyRecords, untidied } = this.#cursor;
    for (const object of objects) {
      const result = results.get(object.line) ?? noResult;
      endings = countOutcome(endings, result.size ?? object.size, result);
      if (makeCopyRecord(object.key, result, hashes) !== undefined) copyRecords += 1;
      // All that a copy has to say.
      if (result.status === 'copied' && result.message !== undefined) untidied += 1;
      if (!isGood(this.#run, result)) {
        const { status, error, message } = result;
        reasons = countFailure(reasons, status, error, sampleOf(object, message));
        this.#lines.push(failureLine(this.#run, object, result));
      }
      if (compareKeys(object.key, this.#last) > 0) this.#last = object.key;
    }
    const found = this.#cursor.found + 1;
    this.#cursor = { ...this.#cursor, after: batch, found, endings, reasons, copyRecords, untidied };
  }

  /** The position to continue from. All failures before it are written. */
  async close(): Promise<Cursor> {
    const failures = await addFailures(this.#run.files, this.#of, this.#cursor.failures, this.#lines);
    this.#cursor = { ...this.#cursor, failures };
    this.#lines = [];
    return this.#cursor;
  }
}

const noResult: Omit<ObjectResult, 'line'> = {
  status: 'failed',
  error: 'NoResult' satisfies ObjectErrorName,
  message: 'no result was recorded: every attempt stopped before finishing',
};

/** With `archived: skip` the copy may still meet an object that no listing shows as archived. */
const isGood = ({ copyRequest }: Run, { status }: Omit<ObjectResult, 'line'>): boolean =>
  status === 'copied' || status === 'vanished' || (status === 'archived' && copyRequest.archived === 'skip');

const sampleOf = (
  {
    key: sourceKey,
    versionId,
    target,
  }: Pick<BatchedObject, 'key' | 'versionId'> & { readonly target?: string },
  message?: string,
): FailureSample => ({
  sourceKey,
  ...(versionId === undefined ? {} : { versionId }),
  ...(target === undefined ? {} : { target }),
  ...(message === undefined ? {} : { message }),
});

function failureLine(run: Run, object: BatchedObject, result: Omit<ObjectResult, 'line'>): FailureLine {
  const { key, versionId, target, size, etag } = object;
  const { status, error, message } = result;
  return lineOf(run, key, { versionId, target, size, etag, status, error, message });
}

const lineOf = (run: Run, sourceKey: string, told: Readonly<Record<string, unknown>>): FailureLine => ({
  key: sourceKey,
  text: JSON.stringify({ sourceKey, key: relativeKey(run.path, sourceKey), ...told }),
});

/** Refused and missing keys stand in the plan only, but for those that a redrive found and refused. */
async function countPlanFile(
  run: Run,
  of: ReportId,
  name: string,
  found: FoundFiles,
  from: Cursor,
): Promise<Cursor> {
  const keys = new Set(found.keys);
  const lines: FailureLine[] = [];
  let { reasons } = from;
  const refused = from.planFile === 0 ? found.refused : [];
  for (const line of refused) reasons = countFailure(reasons, 'refused', line.reason, sampleOf(line));
  for (const line of await run.files.lines(runPaths.planLines(name), PlanLine)) {
    if (line.action === 'refused') {
      lines.push(refusedLine(run, line));
      reasons = countFailure(reasons, 'refused', line.reason, sampleOf(line));
    } else if (line.action === 'missing' && !keys.has(line.key)) {
      lines.push(lineOf(run, line.key, { versionId: line.versionId, status: 'missing' }));
      reasons = countFailure(reasons, 'missing', undefined, sampleOf(line));
    }
  }
  const refusedLines = refused.map((line) => refusedLine(run, line));
  const before = await addFailures(run.files, of, from.failures, refusedLines);
  const failures = await addFailures(run.files, of, before, lines);
  return { ...from, planFile: from.planFile + 1, failures, reasons };
}

const refusedLine = (run: Run, { key, versionId, target, size, reason }: RefusedLine): FailureLine =>
  lineOf(run, key, { versionId, target, size, status: 'refused', reason });
