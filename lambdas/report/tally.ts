import * as z from 'zod';
import type { Lane, OrderedObject } from '../core/orders.ts';
import { PassIndex } from '../core/passes.ts';
import { relativeKey } from '../core/paths.ts';
import { type PlanCounts, PlanLine, type RefusedLine } from '../core/plan.ts';
import { receiptOf } from '../core/receipts.ts';
import { countEnding, Endings, noEndings } from '../core/report.ts';
import type { ObjectResult } from '../core/results.ts';
import { runPaths } from '../core/run-paths.ts';
import { PlanCursor } from '../plan/cursor.ts';
import type { Checkpoint } from '../s3/run-files.ts';
import type { Deadline } from '../shared/deadline.ts';
import { hashes } from '../shared/hashes.ts';
import { lanes, refuseMissing } from '../shared/orders.ts';
import type { Run } from '../shared/run.ts';
import { type EndedOrder, endedOrders, type ReportOf } from './ended-orders.ts';
import type { Found } from './redrive.ts';

const Counts = z.int().nonnegative();

/** How far the results are counted. */
const Cursor = z.strictObject({
  v: z.literal(1),
  /** Index of the lane at hand; behind the lanes come the files of the plan. */
  lane: Counts,
  after: z.string(),
  found: Counts,
  planFile: Counts,
  endings: Endings,
  /** Chunks of failures that are written. */
  chunks: Counts,
  /** Lines of failures that are not written yet. */
  pending: z.string(),
  /** Copies that have proven what no ETags will tell the next run. */
  receipts: Counts.default(0),
});
type Cursor = z.infer<typeof Cursor>;

const firstCursor: Cursor = {
  v: 1,
  lane: 0,
  after: '',
  found: 0,
  planFile: 0,
  endings: noEndings,
  chunks: 0,
  pending: '',
  receipts: 0,
};

const ordersAtOnce = 200;
/** Above the least size of a part, since the chunks are joined by a multipart upload. */
const chunkCharacters = 8 * 1024 ** 2;

/** The counts of a whole run, and where its failures are. */
export interface Tallied {
  readonly endings: Endings;
  readonly chunks: readonly string[];
  readonly pending: string;
  /** Copies that have proven what no ETags will tell the next run. */
  readonly receipts: number;
}

/**
 * Counts how every planned object ended, over all passes, and writes down those that are not where they should be.
 * It reads only orders and results, which nobody changes.
 *
 * @param found what was missing at first and is no more
 * @returns undefined when there was no time to count all
 */
export async function tally(
  run: Run,
  of: ReportOf,
  plan: PlanCounts,
  found: Found,
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
      cursor.value.lane < lanes.length
        ? await countOrders(run, of, found, cursor.value, deadline)
        : await countPlanFile(run, wanted[cursor.value.planFile] as string, found, cursor.value);
    cursor = await run.files.commit(path, await writeChunk(run, of, next), cursor);
  }
  if (cursor === undefined) return undefined;
  const chunks = Array.from({ length: cursor.value.chunks }, (_, n) =>
    runPaths.failuresChunk(of.pass, of.redrives, n + 1),
  );
  const { endings, pending, receipts } = cursor.value;
  return { endings, chunks, pending, receipts };
}

/** The plan's files hold failures only if something was refused or missing. */
const total = (plan: PlanCounts, files: readonly string[]): readonly string[] =>
  plan.missing > 0 || Object.keys(plan.refused).length > 0 ? files : [];

const isDone = (cursor: Cursor, planFiles: readonly string[]): boolean =>
  cursor.lane >= lanes.length && cursor.planFile >= planFiles.length;

async function writeChunk({ files }: Run, { pass, redrives }: ReportOf, cursor: Cursor): Promise<Cursor> {
  if (cursor.pending.length < chunkCharacters) return cursor;
  const chunks = cursor.chunks + 1;
  await files.writeText(runPaths.failuresChunk(pass, redrives, chunks), cursor.pending);
  return { ...cursor, chunks, pending: '' };
}

async function countOrders(
  run: Run,
  { pass }: ReportOf,
  found: Found,
  from: Cursor,
  deadline: Deadline,
): Promise<Cursor> {
  const lane = lanes[from.lane] as Lane;
  let cursor = from;
  for await (const ended of endedOrders(run.files, lane, pass, from.after)) {
    cursor = countOrder(run, ended, cursor);
    const isEnough = cursor.found % ordersAtOnce === 0 || cursor.pending.length >= chunkCharacters;
    if (isEnough || deadline.hasPassed()) return cursor;
  }
  const index = await run.files.find(runPaths.pass(1), PassIndex);
  refuseMissing(1, lane, cursor.found, (index?.[lane] ?? 0) + found.orders[lane]);
  return { ...cursor, lane: cursor.lane + 1, after: '', found: 0 };
}

const noResult: Omit<ObjectResult, 'line'> = {
  status: 'failed',
  error: 'NoResult',
  message: 'no worker lived to tell how it ended',
};

function countOrder(run: Run, { order, objects, results }: EndedOrder, from: Cursor): Cursor {
  let { endings, receipts } = from;
  let lines = '';
  for (const object of objects) {
    const result = results.get(object.line) ?? noResult;
    endings = countEnding(endings, result.size ?? object.size, result);
    if (receiptOf(object.key, result, hashes) !== undefined) receipts += 1;
    if (!isGood(run, result)) lines += failureLine(run, object, result);
  }
  return { ...from, after: order, found: from.found + 1, endings, pending: from.pending + lines, receipts };
}

/** With `archived: skip` the copy may still meet an object that no listing shows as archived. */
const isGood = ({ request }: Run, { status }: Omit<ObjectResult, 'line'>): boolean =>
  status === 'copied' || status === 'vanished' || (status === 'archived' && request.archived === 'skip');

function failureLine(run: Run, object: OrderedObject, result: Omit<ObjectResult, 'line'>): string {
  const { key, versionId, target, size, etag } = object;
  const { status, error, message } = result;
  const line = {
    sourceKey: key,
    key: relativeKey(run.path, key),
    versionId,
    target,
    size,
    etag,
    status,
    error,
    message,
  };
  return `${JSON.stringify(line)}\n`;
}

/** Refused and missing keys stand in the plan only, but for those that a redrive found and refused. */
async function countPlanFile(run: Run, name: string, found: Found, from: Cursor): Promise<Cursor> {
  const keys = new Set(found.keys);
  let { pending } = from;
  if (from.planFile === 0) for (const line of found.refused) pending += refusedLine(run, line);
  for (const line of await run.files.lines(runPaths.planLines(name), PlanLine)) {
    if (line.action === 'refused') pending += refusedLine(run, line);
    else if (line.action === 'missing' && !keys.has(line.key)) {
      const { key: sourceKey, versionId } = line;
      const told = { sourceKey, key: relativeKey(run.path, sourceKey), versionId, status: 'missing' };
      pending += `${JSON.stringify(told)}\n`;
    }
  }
  return { ...from, planFile: from.planFile + 1, pending };
}

function refusedLine(run: Run, { key: sourceKey, versionId, target, size, reason }: RefusedLine): string {
  const key = relativeKey(run.path, sourceKey);
  const told = { sourceKey, key, versionId, target, size, status: 'refused', reason };
  return `${JSON.stringify(told)}\n`;
}
