import { formatBytes } from '../../core/model/byte-size.ts';
import type { CopyRequest } from '../../core/model/copy-request.ts';
import { counted, grouped } from '../../core/model/counted.ts';
import type { FailureGroup } from '../../core/model/failure-groups.ts';
import type { ListLines } from '../../core/model/list-lines.ts';
import { formatLocation } from '../../core/model/location.ts';
import { noCounts, type PlanCounts, plusCounts, total } from '../../core/model/plan.ts';
import { addTotals, type Estimate, type OutcomeCounts, type Report } from '../../core/model/report.ts';
import { runPaths } from '../../core/model/run-paths.ts';
import { isFailure, noTally, type Totals } from '../../core/model/statuses.ts';
import { mostFunctions, workersFor } from '../../core/rules/concurrency.ts';
import { copyCost, estimateCost, keptCost } from '../../core/rules/cost.ts';
import { type Deletes, deleteGuard } from '../../core/rules/delete-guard.ts';
import type { Run } from '../../core/run/open-run.ts';

/** What a run had done before its last redrive. */
export interface Earlier {
  readonly seconds: number;
  readonly copied: number;
  readonly bytes: number;
}

/** What the report says beyond its counts. */
export interface ReportFacts {
  readonly executionArn: string;
  readonly passes: number;
  readonly redrives: number;
  /** Left out when the run was never redriven. */
  readonly redrivenAt: string | undefined;
  readonly endedAt: Date;
  /** What was done before the last redrive. @default nothing is known of it */
  readonly earlier: Earlier | undefined;
  readonly failures: readonly FailureGroup[];
  readonly deletes: Deletes;
  readonly lists: readonly ListLines[];
  /** Copies that left part files which were not to be kept. */
  readonly untidied: number;
  /** Other notes for the user. */
  readonly notes: readonly string[];
}

const tenths = (seconds: number): number => Math.round(seconds * 10) / 10;

/** How long the last attempt took. */
const secondsOf = ({ endedAt, redrivenAt }: ReportFacts, startTime: string): number =>
  (endedAt.getTime() - Date.parse(redrivenAt ?? startTime)) / 1_000;

/** What the last redrive did. */
function attemptOf(facts: ReportFacts, { byStatus }: OutcomeCounts, startTime: string): Report['attempt'] {
  const seconds = tenths(secondsOf(facts, startTime));
  const { earlier } = facts;
  if (earlier === undefined) return { seconds };
  const { objects, bytes } = byStatus.copied;
  return {
    seconds,
    copied: Math.max(0, objects - earlier.copied),
    bytes: Math.max(0, bytes - earlier.bytes),
  };
}

/** Puts the report together. */
export function buildReport(run: Run, plan: PlanCounts, ended: OutcomeCounts, facts: ReportFacts): Report {
  const endings = run.copyRequest.dryRun && !run.copyRequest.compareOnly ? foreseen(plan, ended) : ended;
  const totals = addTotals(plan, endings);
  const { ended: byStatus, ...sums } = totals;
  const { 'list-only': shown = noTally, ...filtered } = plan.filtered;
  const { startTime } = run.record.execution;
  const { src, dest } = run.copyRequest;
  const { source, destination } = run.record.regions;
  const { size: sizeOnly, ...proven } = endings.proofs;
  const outcome = outcomeOf(run, totals, facts.deletes);
  const estimate = estimateCost(plan, run.copyRequest, source === destination);
  return {
    v: 1,
    run: run.name,
    executionArn: facts.executionArn,
    outcome,
    ...(outcome === 'planned' ? { wouldFail: wouldFail(run, plan, totals) } : {}),
    source: formatLocation(src.bucket, src.path),
    ...(dest === undefined ? {} : { destination: formatLocation(dest.bucket, dest.path) }),
    startedAt: startTime,
    endedAt: facts.endedAt.toISOString(),
    seconds: tenths((facts.earlier?.seconds ?? 0) + secondsOf(facts, startTime)),
    passes: facts.passes,
    redrives: facts.redrives,
    ...(facts.redrivenAt === undefined
      ? {}
      : { redrivenAt: facts.redrivenAt, attempt: attemptOf(facts, endings, startTime) }),
    ...sums,
    filtered: total(filtered).objects,
    shown: shown.objects,
    ...byStatus,
    extra: plan.extra.objects,
    deleted: facts.deletes.deleted,
    undeleted: facts.deletes.undeleted,
    bytes: {
      planned: total(plan.planned).bytes,
      copied: endings.byStatus.copied.bytes,
      same: total(plan.same).bytes,
      archived: endings.byStatus.archived.bytes,
    },
    reasons: { same: plan.same, filtered, refused: plan.refused, planned: plan.planned },
    proofs: proven,
    sizeOnly,
    failures: facts.failures.toSorted((a, b) => b.objects - a.objects),
    estimate,
    notes: [
      ...costNotes(run, estimate),
      ...workersNotes(run, plan),
      ...selectionNotes(run, totals, facts.lists),
      ...listNotes(run, plan, totals, facts.lists),
      ...notesOf(run, plan, totals),
      ...partFilesNotes(plan),
      ...sizeOnlyNotes(sizeOnly),
      ...archivedNotes(run, plan, totals),
      ...deleteNotes(run, plan, facts),
      ...untidiedNotes(run, facts),
      ...facts.notes,
    ],
    files: {
      report: run.files.locate(runPaths.report),
      failures: run.files.locate(runPaths.failures),
      ...(run.copyRequest.compareOnly ? { differences: run.files.locate(runPaths.differences) } : {}),
      manifest: run.files.locate(runPaths.manifest),
      page: run.files.locate(runPaths.page),
    },
  };
}

function outcomeOf({ copyRequest }: Run, totals: Totals, deletes: Deletes): Report['outcome'] {
  if (copyRequest.dest === undefined) return totals.missing > 0 ? 'failed' : 'listed';
  if (copyRequest.compareOnly) return 'compared';
  if (copyRequest.dryRun) return 'planned';
  const isShort =
    isFailure(totals, copyRequest.archived) || deletes.state === 'guarded' || deletes.undeleted > 0;
  return isShort ? 'failed' : 'done';
}

/** The outcomes that the plan of a dry run predicts. */
const foreseen = (plan: PlanCounts, { byStatus, ...rest }: OutcomeCounts): OutcomeCounts => ({
  ...rest,
  byStatus: { ...byStatus, archived: total(plan.archived) },
});

const wouldFail = ({ copyRequest }: Run, plan: PlanCounts, totals: Totals): boolean =>
  isFailure(totals, copyRequest.archived) ||
  (copyRequest.delete && deleteGuard(copyRequest.maxDelete, plan) !== undefined);

/** What the copy costs before it is made, and what stays to be paid for. */
function costNotes({ name, copyRequest }: Run, estimate: Estimate): string[] {
  if (copyRequest.compareOnly) return [];
  const copying = copyRequest.dryRun ? copyCost(estimate) : undefined;
  return [copying, keptCost(estimate, name)].filter((text) => text !== undefined);
}

/** Too many workers do no harm but to the time that a run takes. */
function workersNotes({ record, copyRequest }: Run, { maps }: PlanCounts): string[] {
  const { functionsAtOnce: allowed } = record;
  const needed = mostFunctions(copyRequest.workers, maps);
  if (allowed === undefined || needed <= allowed || copyRequest.compareOnly) return [];
  return [
    `\`workers: ${copyRequest.workers}\` cannot be met: this run uses up to ${counted(needed, 'function')} at once, and the ` +
      `account allows ${grouped(allowed)} in this Region, for all its functions together. What does not fit is throttled and ` +
      'waits, so that the run takes longer, and so do other functions of the account: raise the quota "Concurrent ' +
      `executions" of Lambda, or set \`workers: ${workersFor(allowed)}\``,
  ];
}

/** A run that requires proofs compares checksums, which takes a HEAD of both ends, before it copies anything again. */
const sizeOnlyNotes = (copies: number): string[] =>
  copies === 0
    ? []
    : [
        `${counted(copies, 'copy was compared by its', 'copies were compared by their')} size only, since S3 gave no ` +
          'checksum or MD5 to compare: for a proof start a new run with `verify: required`, which asks for checksums; ' +
          'with `compare: always` and `partSize: source` it also copies again what has none',
      ];

/** How to make what is archived readable. A restored object is copied by a redrive, or by the next run. */
function archivedNotes({ copyRequest, files }: Run, plan: PlanCounts, { ended }: Totals): string[] {
  const isSkipped = copyRequest.archived === 'skip';
  const objects = ended.archived + (plan.filtered['archived']?.objects ?? 0);
  if (objects === 0) return [];
  const are = counted(objects, 'object is archived', 'objects are archived');
  const skipped = `, and ${objects === 1 ? 'was' : 'were'} skipped`;
  const wouldFail = ', so that the run would fail';
  const hasPlanOnly = isSkipped || copyRequest.dryRun;
  const keys = hasPlanOnly ? files.locate('plan/lines/') : files.locate(runPaths.failures);
  const again = hasPlanOnly ? 'start a new run' : 'redrive';
  const orSkip = copyRequest.dryRun && !isSkipped ? ', or set `archived: skip`' : '';
  return [
    `${are}${isSkipped ? skipped : copyRequest.dryRun ? wouldFail : ''}: restore each key that ${keys} names, then ${again}: ` +
      `aws s3api restore-object --bucket ${copyRequest.src.bucket} --key KEY --restore-request '{"Days": 7}' ` +
      `(for Intelligent-Tiering '{}')${orSkip}`,
  ];
}

/** What became of the destination keys that the source lacks. */
function deleteNotes(
  { copyRequest, files }: Run,
  plan: PlanCounts,
  { passes, deletes }: ReportFacts,
): string[] {
  if (!copyRequest.delete || copyRequest.compareOnly || plan.extra.objects === 0) return [];
  const { objects } = plan.extra;
  const guard = deleteGuard(copyRequest.maxDelete, plan);
  const lacking = `${counted(objects, 'key')} that the source lacks`;
  const why = guard === undefined ? '' : `; the run would not, since ${guard}`;
  if (copyRequest.dryRun) return [`would delete from the destination ${lacking}${why}`];
  if (deletes.state === 'guarded') return [`nothing was deleted: ${guard}`];
  if (deletes.state === 'held') {
    return [`nothing was deleted, since not all is copied: the destination has ${lacking}`];
  }
  const notes: string[] = [];
  if (deletes.kept > 0) {
    notes.push(
      `${counted(deletes.kept, 'key was', 'keys were')} not deleted: after the listing another client wrote to the ` +
        'destination, or the source got the key',
    );
  }
  if (deletes.undeleted > 0) {
    const undeleted = counted(deletes.undeleted, 'key');
    notes.push(`${undeleted} could not be deleted: see ${files.locate(`deletes/${passes}/`)}`);
  }
  return notes;
}

function notesOf({ copyRequest }: Run, plan: PlanCounts, totals: Totals): string[] {
  const notes: string[] = [];
  notes.push(...filterNotes(copyRequest, plan));
  const unproven = plan.same['unproven-older']?.objects ?? 0;
  if (unproven > 0) {
    notes.push(
      `${counted(unproven, 'object counts', 'objects count')} as unchanged by date only, since the ETags cannot be compared: ` +
        'set `compare: always` to copy them, or `partSize` to the size that they were uploaded with',
    );
  }
  notes.push(...classNotes(copyRequest, plan, totals));
  notes.push(...refusedNotes(plan));
  if (totals.missing > 0)
    notes.push(`${counted(totals.missing, 'named file does', 'named files do')} not exist in the source`);
  return notes;
}

/** Why there is nothing to copy: an empty source, an empty list, or paths that lead nowhere. */
function selectionNotes({ copyRequest }: Run, totals: Totals, lists: readonly ListLines[]): string[] {
  if (totals.listed + totals.missing > 0) return [];
  const { src, files, prefixes } = copyRequest;
  const source = formatLocation(src.bucket, src.path);
  const isNamed = files.length + prefixes.length > 0;
  if (!isNamed && lists.length === 0) return [`the source ${source} lists no key: nothing to copy`];
  if (isNamed || lists.some(({ names }) => names > 0))
    return [`the source ${source} has no key below the paths that are named: nothing to copy`];
  const all = lists.map(({ field }) => placeOf(copyRequest, field)).join(' and ');
  return [
    `${lists.length === 1 ? 'the list' : 'the lists'} ${all} ${lists.length === 1 ? 'names' : 'name'} nothing: nothing to copy`,
  ];
}

/** Lines of lists that may mean something else than was meant. */
function listNotes(
  { copyRequest }: Run,
  { missingReturns }: PlanCounts,
  { missing }: Totals,
  lists: readonly ListLines[],
): string[] {
  const windows = (name: string) =>
    `in a carriage return, which is part of the ${name}: if the list has Windows line ends (CRLF), convert it, for example with dos2unix`;
  const returns = Math.min(missing, missingReturns);
  const notes: string[] = [];
  if (returns > 0)
    notes.push(`${counted(returns, 'missing name ends', 'missing names end')} ${windows('name')}`);
  for (const { field, returns: paths, comments } of lists) {
    const place = placeOf(copyRequest, field);
    if (field === 'prefixesFrom' && paths > 0)
      notes.push(`${counted(paths, 'path')} of ${place} ${paths === 1 ? 'ends' : 'end'} ${windows('path')}`);
    if (comments > 0) {
      notes.push(
        `${counted(comments, 'line')} of ${place} ${comments === 1 ? 'begins with # and was' : 'begin with # and were'} skipped ` +
          `as ${comments === 1 ? 'a comment' : 'comments'}: to name a key that begins so, use a list that ends in .jsonl`,
      );
    }
  }
  return notes;
}

function placeOf(request: CopyRequest, field: ListLines['field']): string {
  const { bucket = '', path = '' } = request[field] ?? {};
  return formatLocation(bucket, path);
}

/** A run whose filters match nothing does not fail, but is hardly intended: with other tools the last filter wins. */
function filterNotes({ include }: CopyRequest, { listed, filtered, missing }: PlanCounts): string[] {
  const excluded = filtered['excluded']?.objects ?? 0;
  const leftOut = excluded + (filtered['not-included']?.objects ?? 0);
  const others = filtered['part-files']?.objects ?? 0;
  if (leftOut === 0 || leftOut + others < listed || missing > 0) return [];
  const why =
    include.length > 0 && excluded > 0
      ? '`exclude` wins over `include`, in whatever order they are given: leave `exclude` out, since `include` alone ' +
        'copies just what it names'
      : 'a glob must match the whole key, relative to `src`';
  const keys = counted(leftOut, 'listed key was', 'listed keys were');
  return [`the filters let no key pass: ${keys} left out; ${why}`];
}

/** S3 did not let them go, but the copies are right. */
const untidiedNotes = ({ name }: Run, { untidied }: ReportFacts): string[] =>
  untidied === 0
    ? []
    : [
        `${counted(untidied, 'copy', 'copies')} left part files that were not to be kept: s3copy cleanup ${name} says which`,
      ];

/** The copy of a copy: what the copy to its source has left there is no data. */
function partFilesNotes({ filtered }: PlanCounts): string[] {
  const { objects, bytes } = filtered['part-files'] ?? { objects: 0, bytes: 0 };
  if (objects === 0) return [];
  return [
    `left out ${counted(objects, 'part file')} (${formatBytes(bytes)}) that earlier runs of s3copy have left in the source: ` +
      'part files are not data; s3copy cleanup RUN, with the name of such a run, removes them, and a run with ' +
      '`keepParts: false` leaves none',
  ];
}

/** What only another request changes. */
function refusedNotes({ refused }: PlanCounts): string[] {
  const markers = refused['delete-marker']?.objects ?? 0;
  const others = total(refused).objects - markers;
  const notes: string[] = [];
  if (others > 0) {
    notes.push(
      `${counted(others, 'key is', 'keys are')} refused, also by a redrive: start a new run with another \`dest\` or \`tempPrefix\``,
    );
  }
  if (markers > 0) {
    notes.push(
      `${counted(markers, 'listed version is a delete marker', 'listed versions are delete markers')}, which cannot be copied: ` +
        'start a new run with other versions of these keys',
    );
  }
  return notes;
}

/** What a copy loses without a word would be paid for month by month. */
function classNotes(
  { dest, preserve, storageClass }: CopyRequest,
  plan: PlanCounts,
  { ended }: Totals,
): string[] {
  // What is archived stays what it is until a redrive copies it.
  const { classes } = ended.archived > 0 ? plan : plusCounts(plan, { ...noCounts, classes: plan.archived });
  const { objects, bytes } = total(classes);
  if (objects === 0 || dest === undefined) return [];
  if (storageClass !== undefined || preserve.includes('storageClass')) return [];
  const names = Object.keys(classes).sort().join(', ');
  return [
    `${counted(objects, 'object')} (${formatBytes(bytes)}) in non-STANDARD classes (${names}) will become STANDARD: ` +
      `set \`preserve: ${JSON.stringify([...preserve, 'storageClass'])}\` to keep the classes`,
  ];
}
