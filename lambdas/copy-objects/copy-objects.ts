import { copyObject } from '../../core/copy/copy-object.ts';
import { DeniedOrders } from '../../core/copy/denied-batches.ts';
import type { OrderedObject } from '../../core/model/batches.ts';
import { withoutResult } from '../../core/model/results.ts';
import { formatVersion, type OrderInput, type Remaining } from '../../core/model/task-inputs.ts';
import { inLanes } from '../../core/rules/for-each-concurrently.ts';
import { type CopyContext, copyContext, type Ended } from '../../core/run/copy-context.ts';
import { logger } from '../../core/run/log.ts';
import { openRun, type WorkPlace } from '../../core/run/open-run.ts';
import { type OrderOf, ResultSegments, readOrder, readResults, resultOf } from '../../core/run/results.ts';
import type { Invocation } from '../../core/run/task.ts';
import { Requests } from '../../core/s3/request-limiter.ts';

/**
 * Copies what remains of an order: its objects less those that any invocation has written a result of.
 *
 * @returns how many remain, for which there was no time
 */
export async function copyObjects(
  input: OrderInput,
  place: WorkPlace,
  invocation: Invocation,
): Promise<Remaining> {
  const run = await openRun(input.run, place);
  const of: OrderOf = { pass: input.pass, lane: 'objects', order: input.order };
  const order = await readOrder(run.files, of);
  const todo = withoutResult(order, await readResults(run.files, of));
  const context = copyContext(run, new Requests(run.request.concurrency), invocation.deadline);
  const segments = new ResultSegments(run.files, of, invocation.requestId);
  const denied = await DeniedOrders.open(run.files, of);
  const remaining = await copyAll(context, todo, segments, denied).finally(() => segments.flush());
  await denied.share();
  logger.info('order-copied', {
    ...input,
    objects: order.length,
    attempted: todo.length - remaining,
    remaining,
  });
  return { v: formatVersion, remaining };
}

/** Objects are begun in order, as many at once as the request allows, until there is no time for more. */
async function copyAll(
  context: CopyContext,
  todo: readonly OrderedObject[],
  segments: ResultSegments,
  denied: DeniedOrders,
): Promise<number> {
  let late = 0;
  let refused: Ended | undefined;
  const attempt = async (object: OrderedObject, refusal: Ended | undefined): Promise<void> => {
    const outcome = refusal ?? (context.deadline.hasPassed() ? 'later' : await copyObject(context, object));
    if (outcome === 'later') {
      late += 1;
      return;
    }
    // Whoever may not take on a role is not asked once more for each object.
    if (outcome.error === 'PermissionError') refused = outcome;
    logger.debug('object-ended', { key: object.key, target: object.target, ...outcome });
    await segments.add(resultOf(object, outcome));
    if (refusal === undefined) await denied.saw(outcome);
  };
  // Where all was denied so far, the first object tells whether it still is.
  const alone = denied.refusal === undefined ? 0 : 1;
  for (const object of todo.slice(0, alone)) await attempt(object, undefined);
  let left = todo.slice(alone);
  while (left.length > 0) {
    const untried: OrderedObject[] = [];
    await inLanes(left, context.run.request.concurrency, async (object) => {
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
