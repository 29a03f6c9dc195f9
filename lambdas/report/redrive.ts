import * as z from 'zod';
import { judge } from '../../core/diff/decide.ts';
import { lookUp, type Named } from '../../core/diff/entries.ts';
import { type Lane, type OrderedObject, orderName } from '../../core/model/batches.ts';
import { Found, nothingFound } from '../../core/model/found-files.ts';
import { PlanLine, type RefusedLine } from '../../core/model/plan.ts';
import { PlanCursor } from '../../core/model/plan-cursor.ts';
import { isUnfinished } from '../../core/model/results.ts';
import { runPaths } from '../../core/model/run-paths.ts';
import type { Deadline } from '../../core/rules/deadline.ts';
import { PassIndex } from '../../core/rules/passes.ts';
import { count } from '../../core/rules/plan-counts.ts';
import { lanes } from '../../core/run/batches.ts';
import { endedOrders, type ReportOf } from '../../core/run/ended-batches.ts';
import type { Run } from '../../core/run/open-run.ts';
import type { Checkpoint } from '../../core/run/run-files.ts';
import { Requests } from '../../core/s3/request-limiter.ts';

const Counts = z.int().nonnegative();

/** How far the orders of a redrive's first pass are written. */
const Cursor = z.strictObject({
  v: z.literal(1),
  lane: Counts,
  after: z.string(),
  next: z.strictObject({ objects: Counts, multipart: Counts }),
});
type Cursor = z.infer<typeof Cursor>;

const ordersAtOnce = 200;

/**
 * Writes the orders of the pass that a redrive begins with: every planned object that is neither copied nor
 * vanished, and the missing files that exist now.
 *
 * @param of the passes so far, and which redrive this is
 * @returns the index of the new pass; undefined when there was no time to write all
 */
export async function orderUnfinished(
  run: Run,
  { pass: passes, redrives }: ReportOf,
  deadline: Deadline,
): Promise<PassIndex | undefined> {
  const { files } = run;
  const path = runPaths.redriveCursor(passes + 1, redrives);
  const first: Cursor = { v: 1, lane: 0, after: '', next: { objects: 0, multipart: 0 } };
  let cursor: Checkpoint<Cursor> | undefined = (await files.checkpoint(path, Cursor)) ?? { value: first };
  while (cursor !== undefined && cursor.value.lane < lanes.length) {
    if (deadline.hasPassed()) return undefined;
    cursor = await files.commit(path, await goOn(run, passes, cursor.value, deadline), cursor);
  }
  if (cursor === undefined) return undefined;
  const found = await orderFound(run, { pass: passes + 1, redrives }, deadline);
  const { objects, multipart } = cursor.value.next;
  return { v: 1, objects: objects + found.objects, multipart: multipart + found.multipart, inARow: 0 };
}

async function goOn({ files }: Run, passes: number, from: Cursor, deadline: Deadline): Promise<Cursor> {
  const lane = lanes[from.lane] as Lane;
  let cursor = from;
  let seen = 0;
  for await (const { order, objects, results } of endedOrders(files, lane, passes, from.after)) {
    const left = objects.filter(({ line }) => isUnfinished(results.get(line)));
    if (left.length > 0) await files.writeLines(runPaths.order(passes + 1, lane, order), left);
    const next = { ...cursor.next, [lane]: cursor.next[lane] + (left.length > 0 ? 1 : 0) };
    cursor = { ...cursor, after: order, next };
    seen += 1;
    if (seen === ordersAtOnce || deadline.hasPassed()) return cursor;
  }
  return { ...cursor, lane: cursor.lane + 1, after: '' };
}

/** Looks the missing files up again. Those that exist now get orders of their own, as if of the first pass. */
async function orderFound(
  run: Run,
  { pass, redrives }: ReportOf,
  deadline: Deadline,
): Promise<Found['orders']> {
  const { files } = run;
  const before = (await files.find(runPaths.found, Found)) ?? nothingFound;
  if (before.last.pass === pass && before.last.redrives === redrives) return before.last.orders;
  const missing = await missingKeys(run, new Set(before.keys));
  if (missing.length === 0) return nothingFound.orders;
  const { counts, keys, refused, planned } = await planFound(run, missing, before, deadline);
  if (keys.length === 0) return nothingFound.orders;
  const index = await files.read(runPaths.pass(1), PassIndex);
  const added = { ...nothingFound.orders };
  for (const [lane, lines] of ordersOfFound(planned)) {
    added[lane] += 1;
    const name = orderName(index[lane] + before.orders[lane] + added[lane]);
    await files.writeLines(runPaths.order(pass, lane, name), lines);
    await files.writeLines(runPaths.order(1, lane, name), lines);
  }
  const orders = {
    objects: before.orders.objects + added.objects,
    multipart: before.orders.multipart + added.multipart,
  };
  const found: Found = {
    v: 1,
    keys: [...before.keys, ...keys],
    refused: [...before.refused, ...refused],
    counts,
    orders,
    last: { pass, redrives, orders: added },
  };
  await files.write(runPaths.found, found);
  return added;
}

function ordersOfFound(planned: readonly Planned[]): [Lane, OrderedObject[]][] {
  const simple = planned.filter(({ lane }) => lane === 'objects').map(numbered);
  const big = planned.filter(({ lane }) => lane === 'multipart');
  const orders = big.map((object): [Lane, OrderedObject[]] => ['multipart', [numbered(object, 0)]]);
  return simple.length > 0 ? [['objects', simple], ...orders] : orders;
}

type Planned = PlanLine & { readonly action: 'copy' };

const numbered = ({ action: _, lane: __, ...object }: Planned, line: number): OrderedObject => ({
  ...object,
  line,
});

async function missingKeys({ files }: Run, known: ReadonlySet<string>): Promise<Named[]> {
  const plan = await files.read(runPaths.planCursor, PlanCursor);
  if (plan.counts.missing === 0) return [];
  const keys: Named[] = [];
  for (const name of plan.files) {
    for (const line of await files.lines(runPaths.planLines(name), PlanLine)) {
      if (line.action !== 'missing' || known.has(line.key)) continue;
      const { action: _, ...named } = line;
      keys.push(named);
    }
  }
  return keys;
}

/** What there is no time to look up stays missing, for the next redrive. */
async function planFound(run: Run, missing: readonly Named[], before: Found, deadline: Deadline) {
  const requests = new Requests(64);
  let { counts } = before;
  const keys: string[] = [];
  const refused: RefusedLine[] = [];
  const planned: Planned[] = [];
  for await (const batch of lookUp(run, missing, requests)) {
    for (const entry of batch.filter(({ source }) => source !== 'missing')) {
      const verdict = await judge(run, entry, requests);
      counts = count({ ...counts, listed: counts.listed + 1 }, verdict, run.parts);
      keys.push(entry.key);
      if (verdict.action === 'copy') planned.push(verdict);
      if (verdict.action === 'refused') refused.push(verdict);
    }
    if (deadline.hasPassed()) break;
  }
  return { counts, keys, refused, planned };
}
