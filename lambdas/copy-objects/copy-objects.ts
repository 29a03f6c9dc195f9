import { type CopyContext, copyContext, type Ended } from '../copy/context.ts';
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
  const remaining = await copyAll(context, todo, segments).finally(() => segments.flush());
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
): Promise<number> {
  let late = 0;
  let refused: Ended | undefined;
  await inLanes(todo, context.run.request.concurrency, async (object) => {
    const outcome = refused ?? (context.deadline.hasPassed() ? 'later' : await copyObject(context, object));
    if (outcome === 'later') {
      late += 1;
      return;
    }
    // Whoever may not take on a role is not asked once more for each object.
    if (outcome.error === 'PermissionError') refused = outcome;
    logger.debug('object-ended', { key: object.key, target: object.target, ...outcome });
    await segments.add(resultOf(object, outcome));
  });
  return late;
}
