import * as z from 'zod';
import type { Lane } from '../../core/model/batches.ts';
import { OrderedObject } from '../../core/model/batches.ts';
import { mayBecomeBetter, ObjectResult, strongest } from '../../core/model/results.ts';
import { runPaths } from '../../core/model/run-paths.ts';
import { formatVersion, type ReconcileInput, type ReconcileOutput } from '../../core/model/task-inputs.ts';
import type { Deadline } from '../../core/rules/deadline.ts';
import { PassIndex, wantsAnotherPass } from '../../core/rules/passes.ts';
import { LaneResults, lanes, ordersOf, refuseMissing } from '../../core/run/batches.ts';
import { logger } from '../../core/run/log.ts';
import { openRun, type WorkPlace } from '../../core/run/open-run.ts';
import type { Checkpoint, RunFiles } from '../../core/run/run-files.ts';
import type { Invocation } from '../../core/run/task.ts';

const Counts = z.int().nonnegative();

/** How far a pass is reconciled. */
const Cursor = z.strictObject({
  v: z.literal(1),
  /** Index of the lane at hand; behind the last one all is done. */
  lane: Counts,
  /** Order up to which the lane is reconciled. */
  after: z.string(),
  /** Orders of the lane gone through. */
  found: Counts,
  finished: Counts,
  unfinished: Counts,
  /** Orders of the next pass. */
  next: z.strictObject({ objects: Counts, multipart: Counts }),
});
type Cursor = z.infer<typeof Cursor>;

const firstCursor: Cursor = {
  v: 1,
  lane: 0,
  after: '',
  found: 0,
  finished: 0,
  unfinished: 0,
  next: { objects: 0, multipart: 0 },
};

/** Orders between two checkpoints. */
const ordersAtOnce = 200;

/**
 * Compares the orders of a pass with its results, and writes the orders of the next pass: the same orders with what
 * may still become better. Called again until done.
 */
export async function reconcile(
  input: ReconcileInput,
  place: WorkPlace,
  invocation: Invocation,
): Promise<ReconcileOutput> {
  const { files } = await openRun(input.run, place);
  const index = await files.read(runPaths.pass(input.pass), PassIndex);
  const path = runPaths.reconcileCursor(input.pass);
  let cursor: Checkpoint<Cursor> | undefined = (await files.checkpoint(path, Cursor)) ?? {
    value: firstCursor,
  };
  while (cursor !== undefined && cursor.value.lane < lanes.length && !invocation.deadline.hasPassed()) {
    cursor = await files.commit(
      path,
      await goOn(files, input.pass, index, cursor.value, invocation.deadline),
      cursor,
    );
  }
  const isDone = cursor !== undefined && cursor.value.lane === lanes.length;
  if (!isDone)
    return { v: formatVersion, done: false, again: false, pass: input.pass, objects: 0, multipart: 0 };
  return conclude(files, input.pass, index, cursor?.value ?? firstCursor);
}

/** Reconciles the next orders of a lane. */
async function goOn(
  files: RunFiles,
  pass: number,
  index: PassIndex,
  from: Cursor,
  deadline: Deadline,
): Promise<Cursor> {
  const lane = lanes[from.lane] as Lane;
  const results = new LaneResults(files, pass, lane, from.after);
  let cursor = from;
  for await (const order of ordersOf(files, pass, lane, from.after)) {
    const { finished, unfinished } = await reconcileOrder(
      files,
      { pass, lane, order },
      await results.of(order),
    );
    const next = { ...cursor.next, [lane]: cursor.next[lane] + (unfinished > 0 ? 1 : 0) };
    cursor = {
      ...cursor,
      after: order,
      found: cursor.found + 1,
      finished: cursor.finished + finished,
      unfinished: cursor.unfinished + unfinished,
      next,
    };
    if (cursor.found % ordersAtOnce === 0 || deadline.hasPassed()) return cursor;
  }
  refuseMissing(pass, lane, cursor.found, index[lane]);
  return { ...cursor, lane: cursor.lane + 1, after: '', found: 0 };
}

async function reconcileOrder(
  files: RunFiles,
  { pass, lane, order }: { readonly pass: number; readonly lane: Lane; readonly order: string },
  segments: readonly string[],
): Promise<{ readonly finished: number; readonly unfinished: number }> {
  const objects = await files.lines(runPaths.order(pass, lane, order), OrderedObject);
  const results = strongest(
    (await Promise.all(segments.map((path) => files.lines(path, ObjectResult)))).flat(),
  );
  const left = objects.filter(({ line }) => mayBecomeBetter(results.get(line)));
  if (left.length > 0) await files.writeLines(runPaths.order(pass + 1, lane, order), left);
  return { finished: objects.length - left.length, unfinished: left.length };
}

async function conclude(
  files: RunFiles,
  pass: number,
  index: PassIndex,
  cursor: Cursor,
): Promise<ReconcileOutput> {
  const { finished, unfinished, next } = cursor;
  const again = wantsAnotherPass({ finished, unfinished, inARow: index.inARow });
  logger.info('pass-reconciled', { pass, finished, unfinished, again });
  if (!again) return { v: formatVersion, done: true, again, pass, objects: 0, multipart: 0 };
  await files.write(runPaths.pass(pass + 1), { v: 1, ...next, inARow: index.inARow + 1 } satisfies PassIndex);
  return { v: formatVersion, done: true, again, pass: pass + 1, ...next };
}
