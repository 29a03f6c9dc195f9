import {
  Dealer,
  type Lane,
  type OrderedObject,
  orderName,
  type PlannedObject,
} from '../../core/model/batches.ts';
import { PlanLine } from '../../core/model/plan.ts';
import type { DealPosition, PlanCursor } from '../../core/model/plan-cursor.ts';
import { runPaths } from '../../core/model/run-paths.ts';
import type { Deadline } from '../../core/rules/deadline.ts';
import type { PassIndex } from '../../core/rules/passes.ts';
import type { Checkpoint, RunFiles } from '../../core/run/run-files.ts';

/** What dealing needs. */
export interface DealContext {
  readonly files: RunFiles;
  readonly deadline: Deadline;
}

/** Order files that are being written at once. */
const writesAtOnce = 200;

const numbered = (objects: readonly PlannedObject[]): OrderedObject[] =>
  objects.map((object, line) => ({ ...object, line }));

const plannedOf = ({ action: _, lane: __, ...object }: PlanLine & { action: 'copy' }): PlannedObject =>
  object;

type Saved = Promise<Checkpoint<PlanCursor> | undefined>;

/** A planned object and where it stands in the plan. */
interface Found {
  readonly object: PlannedObject;
  readonly file: number;
  readonly line: number;
}

/** The planned objects of one lane, from a position on. */
async function* plannedFrom(files: RunFiles, { files: names, deal }: PlanCursor): AsyncGenerator<Found> {
  for (let file = deal.file; file < names.length; file += 1) {
    const lines = await files.lines(runPaths.planLines(names[file] as string), PlanLine);
    for (let line = file === deal.file ? deal.line : 0; line < lines.length; line += 1) {
      const planned = lines[line] as PlanLine;
      if (planned.action === 'copy' && planned.lane === deal.lane)
        yield { object: plannedOf(planned), file, line };
    }
  }
}

const writeOrder = (
  files: RunFiles,
  lane: Lane,
  n: number,
  objects: readonly PlannedObject[],
): Promise<void> => files.writeLines(runPaths.order(1, lane, orderName(n)), numbered(objects));

/** Writes the orders of a round and remembers where the next one begins. */
async function saveRound(
  files: RunFiles,
  before: Checkpoint<PlanCursor>,
  round: readonly (readonly PlannedObject[])[],
  next: Partial<DealPosition>,
): Saved {
  const { deal } = before.value;
  await Promise.all(round.map((order, n) => writeOrder(files, deal.lane, deal[deal.lane] + n + 1, order)));
  const moved = { ...deal, [deal.lane]: deal[deal.lane] + round.length, ...next };
  return files.commit(runPaths.planCursor, { ...before.value, deal: moved }, before);
}

/**
 * Deals the planned objects to the orders of the first pass, until all are dealt or the deadline comes. It reads
 * nothing but the plan, so that any invocation writes the same orders.
 *
 * @returns the last checkpoint; undefined when another invocation was first to write one
 */
export async function dealAll(context: DealContext, from: Checkpoint<PlanCursor>): Saved {
  let checkpoint: Checkpoint<PlanCursor> | undefined = from;
  if (from.value.deal.lane === 'objects') checkpoint = await dealObjects(context, from);
  if (checkpoint?.value.deal.lane === 'multipart') checkpoint = await dealBig(context, checkpoint);
  const isDealt = checkpoint !== undefined && checkpoint.value.deal.file >= checkpoint.value.files.length;
  return isDealt ? finish(context.files, checkpoint as Checkpoint<PlanCursor>) : checkpoint;
}

/** In rounds: neighbors go to different orders. A checkpoint stands where a round begins. */
async function dealObjects({ files, deadline }: DealContext, from: Checkpoint<PlanCursor>): Saved {
  const { objects } = from.value.counts.lanes.objects;
  const dealer = new Dealer(objects);
  let checkpoint = from;
  if (objects > 0) {
    for await (const { object, file, line } of plannedFrom(files, from.value)) {
      const round = dealer.deal(object);
      if (round.length === 0) continue;
      const saved = await saveRound(files, checkpoint, round, { file, line });
      if (saved === undefined || deadline.hasPassed()) return saved;
      checkpoint = saved;
    }
  }
  return saveRound(files, checkpoint, dealer.close(), { lane: 'multipart', file: 0, line: 0 });
}

/** An order for each big object. */
async function dealBig({ files, deadline }: DealContext, from: Checkpoint<PlanCursor>): Saved {
  let checkpoint = from;
  let round: PlannedObject[][] = [];
  if (from.value.counts.lanes.multipart.objects > 0) {
    for await (const { object, file, line } of plannedFrom(files, from.value)) {
      round.push([object]);
      if (round.length < writesAtOnce) continue;
      const saved = await saveRound(files, checkpoint, round, { file, line: line + 1 });
      if (saved === undefined || deadline.hasPassed()) return saved;
      checkpoint = saved;
      round = [];
    }
  }
  return saveRound(files, checkpoint, round, { file: from.value.files.length, line: 0 });
}

async function finish(files: RunFiles, checkpoint: Checkpoint<PlanCursor>): Saved {
  const { objects, multipart } = checkpoint.value.deal;
  const index: PassIndex = { v: 1, objects, multipart, inARow: 0 };
  await files.write(runPaths.pass(1), index);
  return files.commit(runPaths.planCursor, { ...checkpoint.value, phase: 'done' as const }, checkpoint);
}
