import * as z from 'zod';
import type { MapName } from '../../core/model/batches.ts';
import { BatchedObject } from '../../core/model/batches.ts';
import { mayBecomeBetter, ObjectResult, strongest } from '../../core/model/results.ts';
import { runPaths } from '../../core/model/run-paths.ts';
import { formatVersion, type ReconcileInput, type ReconcileOutput } from '../../core/model/task-inputs.ts';
import type { Deadline } from '../../core/rules/deadline.ts';
import { PassIndex, wantsAnotherPass } from '../../core/rules/passes.ts';
import { listBatches, MapResults, mapNames, refuseMissing } from '../../core/run/batches.ts';
import { logger } from '../../core/run/log.ts';
import { openRun, type WorkBucket } from '../../core/run/open-run.ts';
import type { Checkpoint, RunFiles } from '../../core/run/run-files.ts';
import type { Invocation } from '../../core/run/task.ts';

const Counts = z.int().nonnegative();

/** How far a pass is reconciled. */
const Cursor = z.strictObject({
  v: z.literal(1),
  /** Index of the current map. After the last one, all is done. */
  map: Counts,
  /** Batch up to which the map is reconciled. */
  after: z.string(),
  /** Batches of the map gone through. */
  found: Counts,
  finished: Counts,
  unfinished: Counts,
  /** Batches of the next pass. */
  next: z.strictObject({ objects: Counts, multipart: Counts }),
});
type Cursor = z.infer<typeof Cursor>;

const firstCursor: Cursor = {
  v: 1,
  map: 0,
  after: '',
  found: 0,
  finished: 0,
  unfinished: 0,
  next: { objects: 0, multipart: 0 },
};

/** Batches between two checkpoints. */
const batchesAtOnce = 200;

/**
 * Compares the batches of a pass with its results, and writes the batches of the next pass: the same batches with what
 * may still become better. Called again until done.
 */
export async function reconcile(
  input: ReconcileInput,
  workBucket: WorkBucket,
  invocation: Invocation,
): Promise<ReconcileOutput> {
  const { files } = await openRun(input.run, workBucket);
  const index = await files.read(runPaths.pass(input.pass), PassIndex);
  const path = runPaths.reconcileCursor(input.pass);
  let cursor: Checkpoint<Cursor> | undefined = (await files.checkpoint(path, Cursor)) ?? {
    value: firstCursor,
  };
  while (cursor !== undefined && cursor.value.map < mapNames.length && !invocation.deadline.hasPassed()) {
    cursor = await files.commit(
      path,
      await goOn(files, input.pass, index, cursor.value, invocation.deadline),
      cursor,
    );
  }
  const isDone = cursor !== undefined && cursor.value.map === mapNames.length;
  if (!isDone)
    return { v: formatVersion, done: false, again: false, pass: input.pass, objects: 0, multipart: 0 };
  return conclude(files, input.pass, index, cursor?.value ?? firstCursor);
}

/** Reconciles the next batches of a map. */
async function goOn(
  files: RunFiles,
  pass: number,
  index: PassIndex,
  from: Cursor,
  deadline: Deadline,
): Promise<Cursor> {
  const map = mapNames[from.map] as MapName;
  const results = new MapResults(files, pass, map, from.after);
  let cursor = from;
  for await (const batch of listBatches(files, pass, map, from.after)) {
    const { finished, unfinished } = await reconcileBatch(
      files,
      { pass, map, batch },
      await results.findSegments(batch),
    );
    const next = { ...cursor.next, [map]: cursor.next[map] + (unfinished > 0 ? 1 : 0) };
    cursor = {
      ...cursor,
      after: batch,
      found: cursor.found + 1,
      finished: cursor.finished + finished,
      unfinished: cursor.unfinished + unfinished,
      next,
    };
    if (cursor.found % batchesAtOnce === 0 || deadline.hasPassed()) return cursor;
  }
  refuseMissing(pass, map, cursor.found, index[map]);
  return { ...cursor, map: cursor.map + 1, after: '', found: 0 };
}

async function reconcileBatch(
  files: RunFiles,
  { pass, map, batch }: { readonly pass: number; readonly map: MapName; readonly batch: string },
  segments: readonly string[],
): Promise<{ readonly finished: number; readonly unfinished: number }> {
  const objects = await files.lines(runPaths.batch(pass, map, batch), BatchedObject);
  const results = strongest(
    (await Promise.all(segments.map((path) => files.lines(path, ObjectResult)))).flat(),
  );
  const left = objects.filter(({ line }) => mayBecomeBetter(results.get(line)));
  if (left.length > 0) await files.writeLines(runPaths.batch(pass + 1, map, batch), left);
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
