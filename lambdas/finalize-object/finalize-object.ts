import { BigObject } from '../copy/big-object.ts';
import type { CopyContext, Outcome } from '../copy/context.ts';
import { copyDirect } from '../copy/direct/copy-direct.ts';
import { publishedBefore } from '../copy/staged/after.ts';
import { finalize } from '../copy/staged/finalize.ts';
import { openStaging } from '../copy/staged/staging.ts';
import type { PlannedObject } from '../core/orders.ts';
import { formatVersion, type OrderInput, type Remaining } from '../core/tasks.ts';
import type { WorkPlace } from '../shared/run.ts';
import type { Invocation } from '../shared/task.ts';

/**
 * Makes the target of a big object, from its part files or from the source itself, and writes how the object ended.
 *
 * @returns 1 while it was not ended for want of time
 */
export async function finalizeObject(
  input: OrderInput,
  place: WorkPlace,
  invocation: Invocation,
): Promise<Remaining> {
  const big = await BigObject.find(input, place, invocation);
  if (await big.hasEnded()) return { v: formatVersion, remaining: 0 };
  const outcome = await big.step((context, object) =>
    context.run.request.strategy === 'direct' ? copyDirect(context, object) : ofFiles(context, object),
  );
  return { v: formatVersion, remaining: outcome === 'later' ? 1 : 0 };
}

async function ofFiles(context: CopyContext, object: PlannedObject): Promise<Outcome> {
  const before = await publishedBefore(context, object);
  return before ?? finalize(context, await openStaging(context, object));
}
