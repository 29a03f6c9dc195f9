import { formatVersion, type PartsInput, type Remaining } from '../model/task-inputs.ts';
import { openStaging, type Staging } from '../multipart/staging.ts';
import { type Part, partsOfGroup } from '../rules/part-layout.ts';
import type { CopyContext } from '../run/copy-context.ts';
import type { WorkPlace } from '../run/open-run.ts';
import type { Invocation } from '../run/task.ts';
import { publishedBefore } from './after-staging.ts';
import { BigObject } from './large-object.ts';

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
