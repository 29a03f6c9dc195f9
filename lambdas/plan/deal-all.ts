import { Dealer, type OrderedObject, orderName, type PlannedObject } from '../core/orders.ts';
import type { PassIndex } from '../core/passes.ts';
import { PlanLine } from '../core/plan.ts';
import { runPaths } from '../core/run-paths.ts';
import type { Checkpoint, RunFiles } from '../s3/run-files.ts';
import type { Deadline } from '../shared/deadline.ts';
import type { DealPosition, PlanCursor } from './cursor.ts';

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

/** Numbers the orders of the first pass and writes them. Rewriting one writes the same. */
class OrderWriter {
  readonly #files: RunFiles;
  readonly #writing: Promise<void>[] = [];
  objects: number;
  multipart: number;

  constructor(files: RunFiles, { objects, multipart }: DealPosition) {
    this.#files = files;
    this.objects = objects;
    this.multipart = multipart;
  }

  write(round: readonly (readonly PlannedObject[])[]): void {
    for (const order of round) {
      this.objects += 1;
      this.#begin('objects', this.objects, order);
    }
  }

  async writeBig(object: PlannedObject): Promise<void> {
    this.multipart += 1;
    this.#begin('multipart', this.multipart, [object]);
    if (this.#writing.length >= writesAtOnce) await this.settled();
  }

  async settled(): Promise<void> {
    await Promise.all(this.#writing.splice(0));
  }

  #begin(lane: 'objects' | 'multipart', n: number, objects: readonly PlannedObject[]): void {
    const written = this.#files.writeLines(runPaths.order(1, lane, orderName(n)), numbered(objects));
    written.catch(() => undefined);
    this.#writing.push(written);
  }
}

/**
 * Deals the planned objects to the orders of the first pass, until all are dealt or the deadline comes. It reads
 * nothing but the plan, so that any invocation writes the same orders.
 *
 * @returns the last checkpoint; undefined when another invocation was first to write one
 */
export async function dealAll(
  context: DealContext,
  from: Checkpoint<PlanCursor>,
): Promise<Checkpoint<PlanCursor> | undefined> {
  const { files, deadline } = context;
  const { lanes } = from.value.counts;
  const dealer = new Dealer(lanes.objects.objects);
  const writer = new OrderWriter(files, from.value.deal);
  let checkpoint = from;
  for (let file = from.value.deal.file; file < from.value.files.length; file += 1) {
    const lines = await files.lines(runPaths.planLines(from.value.files[file] as string), PlanLine);
    const first = file === from.value.deal.file ? from.value.deal.line : 0;
    for (let line = first; line < lines.length; line += 1) {
      const planned = lines[line] as PlanLine;
      if (planned.action !== 'copy') continue;
      if (planned.lane === 'multipart') {
        await writer.writeBig(plannedOf(planned));
        continue;
      }
      const position = { file, line, objects: writer.objects, multipart: writer.multipart };
      const round = dealer.deal(plannedOf(planned));
      if (round.length === 0) continue;
      writer.write(round);
      await writer.settled();
      const deal = { ...position, objects: writer.objects };
      const saved = await files.commit(runPaths.planCursor, { ...checkpoint.value, deal }, checkpoint);
      if (saved === undefined || deadline.hasPassed()) return saved;
      checkpoint = saved;
    }
  }
  writer.write(dealer.close());
  await writer.settled();
  return finish(files, checkpoint, writer);
}

async function finish(
  files: RunFiles,
  checkpoint: Checkpoint<PlanCursor>,
  { objects, multipart }: OrderWriter,
): Promise<Checkpoint<PlanCursor> | undefined> {
  const index: PassIndex = { v: 1, objects, multipart, inARow: 0 };
  await files.write(runPaths.pass(1), index);
  const deal = { file: checkpoint.value.files.length, line: 0, objects, multipart };
  return files.commit(runPaths.planCursor, { ...checkpoint.value, phase: 'done', deal }, checkpoint);
}
