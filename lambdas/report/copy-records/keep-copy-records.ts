import * as z from 'zod';
import { type CopyRecordIndex, copyRecordPaths } from '../../../core/model/copy-records.ts';
import { CopyError } from '../../../core/model/errors.ts';
import { PlanCursor } from '../../../core/model/plan-cursor.ts';
import { runPaths } from '../../../core/model/run-paths.ts';
import type { ReportId } from '../../../core/run/batch-outcomes.ts';
import { type FoundIndex, findIndex } from '../../../core/run/copy-record-files.ts';
import { logger } from '../../../core/run/log.ts';
import { type CopyRecordFolder, keepsCopyRecords, type Run } from '../../../core/run/open-run.ts';
import type { Checkpoint } from '../../../core/run/run-files.ts';
import type { Invocation } from '../../../core/run/task.ts';
import { Changes, firstPosition, Position } from './changes.ts';
import { Merge, Merged, nothingMerged } from './merge.ts';
import { removeUnnamed } from './remove-unnamed.ts';

/** How far the copy records of a report are written. */
const Cursor = z.strictObject({
  v: z.literal(1),
  isDone: z.boolean(),
  /** How often a merge was started. It is started again when another run wrote an index first. */
  attempt: z.int().min(1),
  /** ETag of the index that the merge began with; left out: there was none. */
  base: z.string().optional(),
  merged: Merged,
  position: Position,
  /** Notes for the user. */
  notes: z.array(z.string()),
});
type Cursor = z.infer<typeof Cursor>;

/** Merges that are begun before it is left to the next run. */
const mostAttempts = 3;

/** What keeping copy records works with. */
interface Context {
  readonly run: Run & { readonly copyRecords: CopyRecordFolder };
  readonly of: ReportId;
  readonly planFiles: readonly string[];
  readonly invocation: Invocation;
}

/** Which report writes an index: to find that it has written it already. */
const writerOf = ({ run, of }: Context): string => `${run.name}/${of.pass}-${of.redrives}`;

const pathOf = ({ pass, redrives }: ReportId): string => runPaths.copyRecordsCursor(pass, redrives);

/**
 * Records which versions of both ends the run has proven to be the same, if ETags do not show it: the next run counts
 * them as unchanged without a request. If this fails, the next run needs a few more requests, and this run still
 * succeeds.
 *
 * @param proven number of copies to record
 * @returns notes for the user; undefined when there was no time to write all
 */
export async function keepCopyRecords(
  run: Run,
  of: ReportId,
  proven: number,
  invocation: Invocation,
): Promise<readonly string[] | undefined> {
  const { copyRecords: plan } = await run.files.read(runPaths.planCursor, PlanCursor);
  const notes = plan.problem === undefined ? [] : [unreadable(plan.problem)];
  const { copyRecords } = run;
  if (copyRecords === undefined || !keepsCopyRecords(run) || plan.files.length + proven === 0) return notes;
  try {
    const context = { run: { ...run, copyRecords }, of, planFiles: plan.files, invocation };
    const more = await keep(context);
    return more && [...notes, ...more];
  } catch (error) {
    if (!(error instanceof CopyError)) throw error;
    logger.warn('copy-records-unwritten', error);
    return [...notes, unwritten(error.message)];
  }
}

const unreadable = (problem: string): string =>
  `copy records of earlier runs could not all be read (${problem}): objects after them were compared by requests instead`;

const unwritten = (problem: string): string =>
  `no copy records were written (${problem}): the next run looks at unchanged objects whose ETags differ`;

async function keep(context: Context): Promise<readonly string[] | undefined> {
  const { run, of } = context;
  let checkpoint = (await run.files.checkpoint(pathOf(of), Cursor)) ?? (await begin(context, undefined));
  while (checkpoint !== undefined && !checkpoint.value.isDone) {
    if (context.invocation.deadline.hasPassed()) return undefined;
    checkpoint = await goOn(context, checkpoint);
  }
  return checkpoint?.value.notes;
}

/** Begins to merge with the index as it is now. */
async function begin(
  { run, of }: Context,
  before: Checkpoint<Cursor> | undefined,
): Promise<Checkpoint<Cursor> | undefined> {
  const { etag, problem } = await findIndex(run.copyRecords);
  const cursor: Cursor = {
    v: 1,
    isDone: false,
    attempt: (before?.value.attempt ?? 0) + 1,
    ...(etag === undefined ? {} : { base: etag }),
    merged: { ...nothingMerged, ...(problem === undefined ? {} : { problem }) },
    position: firstPosition,
    notes: [],
  };
  return run.files.commit(pathOf(of), cursor, before);
}

const end = (
  { run, of }: Context,
  before: Checkpoint<Cursor>,
  notes: readonly string[],
): Promise<Checkpoint<Cursor> | undefined> =>
  run.files.commit(pathOf(of), { ...before.value, isDone: true, notes: [...notes] }, before);

/** Merges until it is time for a checkpoint, and puts the new index in the place of the old one when all is merged. */
async function goOn(context: Context, from: Checkpoint<Cursor>): Promise<Checkpoint<Cursor> | undefined> {
  const { run, of, planFiles, invocation } = context;
  const { copyRecords } = run;
  const { attempt, base, merged, position } = from.value;
  const old = await findIndex(copyRecords);
  if (old.etag !== base) return other(context, from, old);
  const { deadline, requestId } = invocation;
  const changes = new Changes(run, planFiles, of.pass, position, merged.after);
  const prefix = `${requestId}-${attempt}`;
  const merge = new Merge({ copyRecords, old: old.files, changes, deadline, prefix }, merged);
  const isMerged = await merge.goOn();
  const next: Cursor = { ...from.value, merged: merge.merged, position: changes.position };
  const checkpoint = await run.files.commit(pathOf(of), next, from);
  return checkpoint !== undefined && isMerged ? publish(context, checkpoint, old) : checkpoint;
}

/** The index is not the one that the merge began with: it is our own, or another run was first. */
async function other(
  context: Context,
  from: Checkpoint<Cursor>,
  found: FoundIndex,
): Promise<Checkpoint<Cursor> | undefined> {
  if (found.writer === writerOf(context)) return end(context, from, notesOf(from.value));
  await removeUnnamed(context.run.copyRecords, from.value.merged.files);
  if (from.value.attempt < mostAttempts) return begin(context, from);
  return end(context, from, [unwritten('other runs of the same ends wrote theirs at the same time')]);
}

const notesOf = ({ merged: { problem } }: Cursor): string[] =>
  problem === undefined ? [] : [`copy records that could not be read were left out: ${problem}`];

async function publish(
  context: Context,
  from: Checkpoint<Cursor>,
  old: FoundIndex,
): Promise<Checkpoint<Cursor> | undefined> {
  const { files, pair } = context.run.copyRecords;
  const index: CopyRecordIndex = { v: 1, pair, writer: writerOf(context), files: from.value.merged.files };
  const written = await files.commit(copyRecordPaths.index, index, { value: undefined, ...etagOf(old) });
  if (written === undefined) return other(context, from, await findIndex(context.run.copyRecords));
  await removeUnnamed(context.run.copyRecords, old.files);
  return end(context, from, notesOf(from.value));
}

const etagOf = ({ etag }: FoundIndex) => (etag === undefined ? {} : { etag });
