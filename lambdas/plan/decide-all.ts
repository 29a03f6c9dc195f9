import { compareKeys } from '../core/bytes.ts';
import { CopyError } from '../core/errors.ts';
import type { Selected } from '../core/paths.ts';
import { count, type PlanCounts, type PlanLine, total, type Verdict } from '../core/plan.ts';
import { runPaths } from '../core/run-paths.ts';
import { formatBytes } from '../core/size.ts';
import type { Requests } from '../s3/requests.ts';
import type { Checkpoint } from '../s3/run-files.ts';
import type { Deadline } from '../shared/deadline.ts';
import { looksForExtra, type Run } from '../shared/run.ts';
import type { PlanCursor } from './cursor.ts';
import { type Entry, joinBoth, joinPrefix, OutOfTime } from './entries.ts';
import { judge } from './judge.ts';
import { Ahead, lookUpSelected, withNamed } from './named-keys.ts';
import { type ListReader, selection } from './selection.ts';

/** Lines of a plan file, which bounds the memory of the planner and of those who read the plan. */
const linesInFile = 20_000;

/** What deciding needs. */
export interface DecideContext {
  readonly run: Run;
  readonly requests: Requests;
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

/** All entries behind the cursor, in batches, in byte order of their keys. */
export async function* entries(
  context: DecideContext,
  after: string | undefined,
): AsyncGenerator<readonly Entry[]> {
  const items = new Ahead(behind(selection(context.run, context.lists), after));
  try {
    for (let item = await items.peek(); item !== undefined; item = await items.peek()) {
      if (item.kind === 'key') {
        yield* lookUpSelected(context.run, await items.takeKeys(), context.requests);
      } else {
        await items.take();
        const within = { items, prefix: item };
        yield* withNamed(context.run, context.requests, join(context, item, after), within);
      }
    }
  } finally {
    await items.close();
  }
}

/** What both ends have below a prefix, behind the cursor. */
function join(
  { run, requests, deadline }: DecideContext,
  item: Selected & { readonly kind: 'prefix' },
  after: string | undefined,
): AsyncIterable<readonly Entry[]> {
  const start = after?.startsWith(item.prefix) === true ? after : undefined;
  const { destination } = run;
  return destination !== undefined && looksForExtra(run)
    ? joinBoth({ ...run, destination }, item, start, requests)
    : joinPrefix(run, item, start, requests, () => deadline.hasPassed());
}

async function* behind(items: AsyncIterable<Selected>, after: string | undefined): AsyncGenerator<Selected> {
  for await (const item of items) if (after === undefined || !isBefore(item, after)) yield item;
}

/** The decisions since the last checkpoint. */
interface Pending {
  after: string | undefined;
  counts: PlanCounts;
  lines: PlanLine[];
}

/**
 * Lists both ends and decides on every key, until all is decided or the deadline comes.
 *
 * @returns the last checkpoint; undefined when another invocation was first to write one
 * @throws {CopyError} `PlanTooBigError` as soon as a brake is passed
 */
export async function decideAll(
  context: DecideContext,
  from: Checkpoint<PlanCursor>,
): Promise<Checkpoint<PlanCursor> | undefined> {
  const progress: Progress = {
    checkpoint: from,
    pending: { after: from.value.after, counts: from.value.counts, lines: [] },
  };
  try {
    return await decideInTime(context, progress);
  } catch (error) {
    if (!(error instanceof OutOfTime)) throw error;
    return save(context, progress.checkpoint, progress.pending, 'list');
  }
}

/** The last checkpoint, and what was decided since. */
interface Progress {
  checkpoint: Checkpoint<PlanCursor>;
  pending: Pending;
}

async function decideInTime(
  context: DecideContext,
  progress: Progress,
): Promise<Checkpoint<PlanCursor> | undefined> {
  const { pending } = progress;
  for await (const batch of entries(context, pending.after)) {
    const verdicts = await Promise.all(batch.map((entry) => judge(context.run, entry, context.requests)));
    add(context.run, pending, batch, verdicts);
    brake(context.run, pending.counts);
    const mustStop = context.deadline.hasPassed();
    if (!mustStop && pending.lines.length < linesInFile) continue;
    const saved = await save(context, progress.checkpoint, pending, 'list');
    if (saved === undefined || mustStop) return saved;
    progress.checkpoint = saved;
    pending.lines = [];
  }
  return save(context, progress.checkpoint, pending, 'deal');
}

function add(
  { request, parts }: Run,
  pending: Pending,
  batch: readonly Entry[],
  verdicts: readonly Verdict[],
): void {
  const { counts } = pending;
  const listed = batch.filter((entry, n) => isListed(entry, verdicts[n] as Verdict)).length;
  const inScope = batch.filter((entry, n) => isInScope(entry, verdicts[n] as Verdict)).length;
  pending.counts = { ...counts, listed: counts.listed + listed, inScope: counts.inScope + inScope };
  for (const verdict of verdicts) {
    pending.counts = count(pending.counts, verdict, parts);
    if (verdict.action === 'protected' || (verdict.action === 'same' && !request.compareOnly)) continue;
    pending.lines.push(verdict);
  }
  pending.after = batch.at(-1)?.key ?? pending.after;
}

/** A named file that a filter leaves out counts, whether it exists or not. */
const isListed = ({ source }: Entry, { action }: Verdict): boolean =>
  source !== 'lacking' && action !== 'missing';

const isInScope = ({ destination }: Entry, verdict: Verdict): boolean => {
  if (destination === undefined || verdict.action === 'protected') return false;
  return verdict.action !== 'filtered' || !/^(excluded|not-included)$/.test(verdict.reason);
};

/** Writes the decisions, and then the checkpoint that makes them count. */
async function save(
  { run, requestId }: DecideContext,
  before: Checkpoint<PlanCursor>,
  { after, counts, lines }: Pending,
  phase: PlanCursor['phase'],
): Promise<Checkpoint<PlanCursor> | undefined> {
  const files = [...before.value.files];
  if (lines.length > 0) {
    const name = `${String(files.length + 1).padStart(6, '0')}-${requestId}`;
    await run.files.writeLines(runPaths.planLines(name), lines);
    files.push(name);
  }
  const position = after === undefined ? {} : { after };
  const { after: _, ...rest } = before.value;
  return run.files.commit(runPaths.planCursor, { ...rest, ...position, phase, files, counts }, before);
}

function brake({ request }: Run, counts: PlanCounts): void {
  const { objects, bytes } = total(counts.planned);
  if (request.maxObjects !== undefined && objects > request.maxObjects) {
    throw tooBig('maxObjects', `more than ${request.maxObjects} objects`);
  }
  if (request.maxBytes !== undefined && bytes > request.maxBytes) {
    throw tooBig('maxBytes', `more than ${request.maxBytes} bytes (${formatBytes(request.maxBytes)})`);
  }
}

const tooBig = (field: string, what: string): CopyError =>
  new CopyError('PlanTooBigError', `${field}: the plan has ${what} to copy; nothing was copied`, { field });
