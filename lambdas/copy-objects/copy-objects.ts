import { copyObject } from '../../core/copy/copy-object.ts';
import { DeniedBatches } from '../../core/copy/denied-batches.ts';
import type { BatchedObject } from '../../core/model/batches.ts';
import { withoutResult } from '../../core/model/results.ts';
import { type BatchInput, formatVersion, type Remaining } from '../../core/model/task-inputs.ts';
import { forEachConcurrently } from '../../core/rules/for-each-concurrently.ts';
import { type CopyContext, copyContext, type Outcome } from '../../core/run/copy-context.ts';
import { logger } from '../../core/run/log.ts';
import { openRun, type WorkBucket } from '../../core/run/open-run.ts';
import { type BatchId, ResultSegments, readBatch, readResults, toResult } from '../../core/run/results.ts';
import type { Invocation } from '../../core/run/task.ts';
import { RequestLimiter } from '../../core/s3/request-limiter.ts';

/**
 * Copies what remains of a batch: its objects less those that any invocation has written a result of.
 *
 * @returns how many remain, for which there was no time
 */
export async function copyObjects(
  input: BatchInput,
  workBucket: WorkBucket,
  invocation: Invocation,
): Promise<Remaining> {
  const run = await openRun(input.run, workBucket);
  const of: BatchId = { pass: input.pass, map: 'objects', batch: input.batch };
  const batch = await readBatch(run.files, of);
  const todo = withoutResult(batch, await readResults(run.files, of));
  const context = copyContext(run, new RequestLimiter(run.copyRequest.concurrency), invocation.deadline);
  const segments = new ResultSegments(run.files, of, invocation.requestId);
  const denied = await DeniedBatches.open(run.files, of);
  const remaining = await copyAll(context, todo, segments, denied).finally(() => segments.flush());
  await denied.share();
  logger.info('batch-copied', {
    ...input,
    objects: batch.length,
    attempted: todo.length - remaining,
    remaining,
  });
  return { v: formatVersion, remaining };
}

/** Objects are begun in order, as many at once as the request allows, until there is no time for more. */
async function copyAll(
  context: CopyContext,
  todo: readonly BatchedObject[],
  segments: ResultSegments,
  denied: DeniedBatches,
): Promise<number> {
  let late = 0;
  let refused: Outcome | undefined;
  const attempt = async (object: BatchedObject, refusal: Outcome | undefined): Promise<void> => {
    const outcome = refusal ?? (context.deadline.hasPassed() ? 'later' : await copyObject(context, object));
    if (outcome === 'later') {
      late += 1;
      return;
    }
    // If a role could not be assumed, it is not tried again for each object.
    if (outcome.error === 'PermissionError') refused = outcome;
    logger.debug('object-ended', { key: object.key, target: object.target, ...outcome });
    await segments.add(toResult(object, outcome));
    if (refusal === undefined) await denied.saw(outcome);
  };
  // Where all was denied so far, the first object tells whether it still is.
  const alone = denied.refusal === undefined ? 0 : 1;
  for (const object of todo.slice(0, alone)) await attempt(object, undefined);
  let left = todo.slice(alone);
  while (left.length > 0) {
    const untried: BatchedObject[] = [];
    await forEachConcurrently(left, context.run.copyRequest.concurrency, async (object) => {
      if (refused === undefined && denied.refusal !== undefined) untried.push(object);
      else await attempt(object, refused);
    });
    // A denial is answered sooner than a copy: what was under way may have been copied meanwhile.
    const refusal = await denied.confirm();
    left = refusal === undefined ? untried : [];
    if (refusal !== undefined) for (const object of untried) await attempt(object, refusal);
  }
  return late;
}
