import { BigObject } from '../copy/big-object.ts';
import { publishedBefore } from '../copy/staged/after.ts';
import { finalize } from '../copy/staged/finalize.ts';
import { openStaging } from '../copy/staged/staging.ts';
import { formatVersion, type OrderInput, type Remaining } from '../core/tasks.ts';
import type { WorkPlace } from '../shared/run.ts';
import type { Invocation } from '../shared/task.ts';

/**
 * Makes the target of a big object from its part files, and writes how the object ended.
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
  const outcome = await big.step(async (context, object) => {
    const staging = await openStaging(context, object);
    return (await publishedBefore(context, staging)) ?? finalize(context, staging);
  });
  return { v: formatVersion, remaining: outcome === 'later' ? 1 : 0 };
}
