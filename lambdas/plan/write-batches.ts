import {
  type BatchedObject,
  BatchPacker,
  batchName,
  type MapName,
  type PlannedObject,
} from '../../core/model/batches.ts';
import { PlanLine } from '../../core/model/plan.ts';
import type { PackingPosition, PlanCursor } from '../../core/model/plan-cursor.ts';
import { runPaths } from '../../core/model/run-paths.ts';
import type { Deadline } from '../../core/rules/deadline.ts';
import type { PassIndex } from '../../core/rules/passes.ts';
import type { Checkpoint, RunFiles } from '../../core/run/run-files.ts';

/** What dealing needs. */
export interface WriteContext {
  readonly files: RunFiles;
  readonly deadline: Deadline;
}

/** Batch files that are being written at once. */
const writesAtOnce = 200;

const numbered = (objects: readonly PlannedObject[]): BatchedObject[] =>
  objects.map((object, line) => ({ ...object, line }));

const plannedOf = ({ action: _, map: __, ...object }: PlanLine & { action: 'copy' }): PlannedObject => object;

type Saved = Promise<Checkpoint<PlanCursor> | undefined>;

/** A planned object and where it stands in the plan. */
interface Found {
  readonly object: PlannedObject;
  readonly file: number;
  readonly line: number;
}

/** The planned objects of one map, from a position on. */
async function* plannedFrom(files: RunFiles, { files: names, packing }: PlanCursor): AsyncGenerator<Found> {
  for (let file = packing.file; file < names.length; file += 1) {
    const lines = await files.lines(runPaths.planLines(names[file] as string), PlanLine);
    for (let line = file === packing.file ? packing.line : 0; line < lines.length; line += 1) {
      const planned = lines[line] as PlanLine;
      if (planned.action === 'copy' && planned.map === packing.map)
        yield { object: plannedOf(planned), file, line };
    }
  }
}

const writeBatch = (
  files: RunFiles,
  map: MapName,
  n: number,
  objects: readonly PlannedObject[],
): Promise<void> => files.writeLines(runPaths.batch(1, map, batchName(n)), numbered(objects));

/** Writes the batches of a round and remembers where the next one begins. */
async function saveRound(
  files: RunFiles,
  before: Checkpoint<PlanCursor>,
  round: readonly (readonly PlannedObject[])[],
  next: Partial<PackingPosition>,
): Saved {
  const { packing } = before.value;
  await Promise.all(
    round.map((batch, n) => writeBatch(files, packing.map, packing[packing.map] + n + 1, batch)),
  );
  const moved = { ...packing, [packing.map]: packing[packing.map] + round.length, ...next };
  return files.commit(runPaths.planCursor, { ...before.value, packing: moved }, before);
}

/**
 * Deals the planned objects to the batches of the first pass, until all are packed or the deadline comes. It reads
 * nothing but the plan, so that any invocation writes the same batches.
 *
 * @returns the last checkpoint; undefined when another invocation was first to write one
 */
export async function writeBatches(context: WriteContext, from: Checkpoint<PlanCursor>): Saved {
  let checkpoint: Checkpoint<PlanCursor> | undefined = from;
  if (from.value.packing.map === 'objects') checkpoint = await packObjects(context, from);
  if (checkpoint?.value.packing.map === 'multipart') checkpoint = await packLarge(context, checkpoint);
  const isPacked = checkpoint !== undefined && checkpoint.value.packing.file >= checkpoint.value.files.length;
  return isPacked ? finish(context.files, checkpoint as Checkpoint<PlanCursor>) : checkpoint;
}

/** In rounds: neighbors go to different batches. A checkpoint stands where a round begins. */
async function packObjects({ files, deadline }: WriteContext, from: Checkpoint<PlanCursor>): Saved {
  const { objects } = from.value.counts.maps.objects;
  const packer = new BatchPacker(objects);
  let checkpoint = from;
  if (objects > 0) {
    for await (const { object, file, line } of plannedFrom(files, from.value)) {
      const round = packer.add(object);
      if (round.length === 0) continue;
      const saved = await saveRound(files, checkpoint, round, { file, line });
      if (saved === undefined || deadline.hasPassed()) return saved;
      checkpoint = saved;
    }
  }
  return saveRound(files, checkpoint, packer.close(), { map: 'multipart', file: 0, line: 0 });
}

/** A batch for each large object. */
async function packLarge({ files, deadline }: WriteContext, from: Checkpoint<PlanCursor>): Saved {
  let checkpoint = from;
  let round: PlannedObject[][] = [];
  if (from.value.counts.maps.multipart.objects > 0) {
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
  const { objects, multipart } = checkpoint.value.packing;
  const index: PassIndex = { v: 1, objects, multipart, inARow: 0 };
  await files.write(runPaths.pass(1), index);
  return files.commit(runPaths.planCursor, { ...checkpoint.value, phase: 'done' as const }, checkpoint);
}
