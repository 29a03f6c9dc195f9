import { type CopyContext, copyContext, type Ended } from '../copy/context.ts';
import { DeniedOrders } from '../copy/denied-orders.ts';
import { copyObject } from '../copy/object.ts';
import { type OrderOf, ResultSegments, readOrder, readResults, resultOf } from '../copy/results.ts';
import type { OrderedObject } from '../core/orders.ts';
import { withoutResult } from '../core/results.ts';
import { formatVersion, type OrderInput, type Remaining } from '../core/tasks.ts';
import { Requests } from '../s3/requests.ts';
import { inLanes } from '../shared/lanes.ts';
import { logger } from '../shared/log.ts';
import { openRun, type WorkPlace } from '../shared/run.ts';
import type { Invocation } from '../shared/task.ts';

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
  await inLanes(todo.slice(alone), context.run.request.concurrency, (object) =>
    attempt(object, refused ?? denied.refusal),
  );
  return late;
}
