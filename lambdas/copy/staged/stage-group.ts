import { type Part, partsOfGroup } from '../../core/parts.ts';
import { formatVersion, type PartsInput, type Remaining } from '../../core/tasks.ts';
import type { WorkPlace } from '../../shared/run.ts';
import type { Invocation } from '../../shared/task.ts';
import { BigObject } from '../big-object.ts';
import type { CopyContext } from '../context.ts';
import { publishedBefore } from './after.ts';
import { openStaging, type Staging } from './staging.ts';

/** One of the two stages. @returns how many of the parts it had no time for */
type Stage = (context: CopyContext, staging: Staging, parts: readonly Part[]) => Promise<number>;

/**
 * Runs a stage for one group of the parts of a big object.
 *
 * @returns how many parts remain, for which there was no time; 0 also when the object has ended
 */
export async function stageGroup(
  stage: Stage,
  input: PartsInput,
  place: WorkPlace,
  invocation: Invocation,
): Promise<Remaining> {
  const big = await BigObject.find(input, place, invocation);
  if (await big.hasEnded()) return { v: formatVersion, remaining: 0 };
  let remaining = 0;
  await big.step(async (context, object) => {
    const before = await publishedBefore(context, object);
    if (before !== undefined) return before;
    const staging = await openStaging(context, object);
    remaining = await stage(context, staging, partsOfGroup(staging.parts, input.group));
    return 'later';
  });
  return { v: formatVersion, remaining };
}
