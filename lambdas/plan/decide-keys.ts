import { CopyRecordReader, joinCopyRecords, withCopyRecords } from '../../core/diff/copy-records.ts';
import { decideEntry } from '../../core/diff/decide.ts';
import { type Entry, joinBoth, joinPrefix, OutOfTimeError } from '../../core/diff/entries.ts';
import { PartFolders } from '../../core/diff/part-folders.ts';
import { formatBytes } from '../../core/model/byte-size.ts';
import { compareKeys } from '../../core/model/bytes.ts';
import { type CopyRecordChange, namesVersions } from '../../core/model/copy-records.ts';
import { counted } from '../../core/model/counted.ts';
import { CopyError } from '../../core/model/errors.ts';
import type { Selected } from '../../core/model/paths.ts';
import { type Decision, type PlanCounts, type PlanLine, total } from '../../core/model/plan.ts';
import type { PlanCursor } from '../../core/model/plan-cursor.ts';
import { runPaths } from '../../core/model/run-paths.ts';
import type { Deadline } from '../../core/rules/deadline.ts';
import { count } from '../../core/rules/plan-counts.ts';
import { keepsCopyRecords, looksForExtra, type Run } from '../../core/run/open-run.ts';
import type { Checkpoint } from '../../core/run/run-files.ts';
import type { RequestLimiter } from '../../core/s3/request-limiter.ts';
import { Ahead, lookUpSelected, withNamed } from './named-keys.ts';
import { type ListReader, selection } from './selection.ts';

/** Lines of a plan file, which bounds the memory of the planner and of those who read the plan. */
const linesInFile = 20_000;

/** What deciding needs. */
export interface DecideContext {
  readonly run: Run;
  readonly limiter: RequestLimiter;
  readonly lists: ListReader;
  readonly deadline: Deadline;
  /** Of the invocation, so that two of them never write the same file. */
  readonly requestId: string;
}

/** Leaves out what an earlier invocation has decided. */
const isBefore = (item: Selected, after: string): boolean =>
  item.kind === 'key'
    ? compareKeys(item.key, after) <= 0
    : !after.startsWith(item.prefix) && compareKeys(item.prefix, after) < 0;

/** All entries after the cursor, in chunks, in byte order of their keys. */
export async function* entries(
  context: DecideContext,
  after: string | undefined,
  copyRecords: CopyRecordReader = CopyRecordReader.none,
): AsyncGenerator<readonly Entry[]> {
  const { run, limiter } = context;
  const items = new Ahead(behind(selection(run, context.lists), after));
  try {
    for (let item = await items.peek(); item !== undefined; item = await items.peek()) {
      if (item.kind === 'key') {
        yield* withCopyRecords(lookUpSelected(run, await items.takeKeys(), limiter), copyRecords);
      } else {
        await items.take();
        const named = withNamed(run, limiter, join(context, item, after), { items, prefix: item });
        yield* joinCopyRecords(named, copyRecords, item, startIn(item, after));
      }
    }
  } finally {
    await items.close();
  }
}

/** Where to start below a prefix: after the cursor, if it is there. */
const startIn = ({ prefix }: { readonly prefix: string }, after: string | undefined): string | undefined =>
  after?.startsWith(prefix) === true ? after : undefined;

/** What both ends have below a prefix, after the cursor. */
function join(
  { run, limiter, deadline }: DecideContext,
  item: Selected & { readonly kind: 'prefix' },
  after: string | undefined,
): AsyncIterable<readonly Entry[]> {
  const start = startIn(item, after);
  const { destination } = run;
  return destination !== undefined && looksForExtra(run)
    ? joinBoth({ ...run, destination }, item, start, limiter)
    : joinPrefix(run, item, start, limiter, () => deadline.hasPassed());
}

async function* behind(items: AsyncIterable<Selected>, after: string | undefined): AsyncGenerator<Selected> {
  for await (const item of items) if (after === undefined || !isBefore(item, after)) yield item;
}

/** The decisions since the last checkpoint. */
interface Pending {
  after: string | undefined;
  counts: PlanCounts;
  lines: PlanLine[];
  changes: CopyRecordChange[];
  problem: string | undefined;
}

/**
 * Lists both ends and decides on every key, until all is decided or the deadline comes.
 *
 * @returns the last checkpoint; undefined when another invocation was first to write one
 * @throws {CopyError} `PlanTooBigError` as soon as a brake is passed
 */
export async function decideKeys(
  context: DecideContext,
  from: Checkpoint<PlanCursor>,
): Promise<Checkpoint<PlanCursor> | undefined> {
  const { after, counts, copyRecords } = from.value;
  const { problem } = copyRecords;
  const progress: Progress = {
    checkpoint: from,
    copyRecords: await CopyRecordReader.open(context.run),
    pending: { after, counts, lines: [], changes: [], problem },
  };
  try {
    return await decideInTime(context, progress);
  } catch (error) {
    if (!(error instanceof OutOfTimeError)) throw error;
    return save(context, progress.checkpoint, progress.pending, 'list');
  }
}

/** The last checkpoint, and what was decided since. */
interface Progress {
  checkpoint: Checkpoint<PlanCursor>;
  readonly copyRecords: CopyRecordReader;
  readonly pending: Pending;
}

async function decideInTime(
  context: DecideContext,
  progress: Progress,
): Promise<Checkpoint<PlanCursor> | undefined> {
  const { pending, copyRecords } = progress;
  const partFolders = new PartFolders();
  for await (const chunk of entries(context, pending.after, copyRecords)) {
    const verdicts = await Promise.all(
      chunk.map((entry) => decideEntry(context.run, entry, context.limiter, partFolders)),
    );
    add(context.run, pending, chunk, verdicts);
    pending.problem ??= copyRecords.problem;
    brake(context.run, pending.counts);
    const mustStop = context.deadline.hasPassed();
    if (!mustStop && pending.lines.length + pending.changes.length < linesInFile) continue;
    const saved = await save(context, progress.checkpoint, pending, 'list');
    if (saved === undefined || mustStop) return saved;
    progress.checkpoint = saved;
    pending.lines = [];
    pending.changes = [];
  }
  pending.problem ??= copyRecords.problem;
  return save(context, progress.checkpoint, pending, 'deal');
}

function add(run: Run, pending: Pending, chunk: readonly Entry[], verdicts: readonly Decision[]): void {
  const { counts } = pending;
  const listed = chunk.filter((entry, n) => isListed(entry, verdicts[n] as Decision)).length;
  const inScope = chunk.filter((entry, n) => isInScope(entry, verdicts[n] as Decision)).length;
  pending.counts = { ...counts, listed: counts.listed + listed, inScope: counts.inScope + inScope };
  for (const verdict of verdicts) {
    pending.counts = count(pending.counts, verdict, run.parts);
    if (verdict.action === 'protected' || (verdict.action === 'same' && !run.copyRequest.compareOnly))
      continue;
    const { copyRecord: _, ...line } = verdict;
    pending.lines.push(line);
  }
  if (keepsCopyRecords(run)) {
    pending.changes.push(...chunk.flatMap((entry, n) => changeOf(entry, verdicts[n] as Decision) ?? []));
  }
  pending.after = chunk.at(-1)?.key ?? pending.after;
}

/** What a verdict says of the copy record of its key: a new one, that it is of no use any more, or nothing. */
function changeOf(
  { key, source, destination, copyRecord }: Entry,
  verdict: Decision,
): CopyRecordChange | undefined {
  if (verdict.action === 'same' && verdict.copyRecord !== undefined) return verdict.copyRecord;
  if (copyRecord === undefined || verdict.action === 'filtered' || source === 'denied') return undefined;
  const isThere = typeof source === 'object' && destination !== undefined;
  return isThere && namesVersions(copyRecord, { source, destination }) ? undefined : { key, gone: true };
}

/** A named file that a filter leaves out counts, whether it exists or not. */
const isListed = ({ source }: Entry, { action }: Decision): boolean =>
  source !== 'lacking' && action !== 'missing';

const isInScope = ({ destination }: Entry, verdict: Decision): boolean => {
  if (destination === undefined || verdict.action === 'protected') return false;
  return verdict.action !== 'filtered' || !/^(excluded|not-included)$/.test(verdict.reason);
};

/** Writes the decisions, and then the checkpoint that makes them count. */
async function save(
  context: DecideContext,
  before: Checkpoint<PlanCursor>,
  { after, counts, lines, changes, problem }: Pending,
  phase: PlanCursor['phase'],
): Promise<Checkpoint<PlanCursor> | undefined> {
  const { files } = context.run;
  const { after: _, ...rest } = before.value;
  const next: PlanCursor = {
    ...rest,
    ...(after === undefined ? {} : { after }),
    phase,
    // Only who has read them to their ends knows how many lines they have.
    lists: phase === 'deal' ? context.lists.lines : rest.lists,
    files: await saveLines(context, rest.files, runPaths.planLines, lines),
    counts,
    copyRecords: {
      files: await saveLines(context, rest.copyRecords.files, runPaths.planCopyRecords, changes),
      ...(problem === undefined ? {} : { problem }),
    },
  };
  return files.commit(runPaths.planCursor, next, before);
}

/** Writes lines to a file of their own, if there are any. @returns the names of all files so far */
async function saveLines(
  { run, requestId }: DecideContext,
  names: readonly string[],
  pathOf: (name: string) => string,
  lines: readonly unknown[],
): Promise<string[]> {
  if (lines.length === 0) return [...names];
  const name = `${String(names.length + 1).padStart(6, '0')}-${requestId}`;
  await run.files.writeLines(pathOf(name), lines);
  return [...names, name];
}

function brake({ copyRequest }: Run, counts: PlanCounts): void {
  const { maxObjects, maxBytes } = copyRequest;
  const { objects, bytes } = total(counts.planned);
  if (maxObjects !== undefined && objects > maxObjects) {
    const more = `${counted(objects - maxObjects, 'object')} more than \`maxObjects: ${maxObjects}\``;
    throw tooBig('maxObjects', counts, `${counted(objects, 'object')} to copy, ${more}`);
  }
  if (maxBytes !== undefined && bytes > maxBytes) {
    const more = `${formatBytes(bytes - maxBytes)} more than \`maxBytes: ${maxBytes}\``;
    throw tooBig('maxBytes', counts, `${formatBytes(bytes)} to copy, ${more}`);
  }
}

/** The plan may be bigger still: it ends here. */
const tooBig = (field: string, { listed }: PlanCounts, what: string): CopyError =>
  new CopyError(
    'PlanTooBigError',
    `after ${counted(listed, 'listed key')} the plan has ${what} allows; nothing was copied: raise \`${field}\`, or select less`,
    { field },
  );
