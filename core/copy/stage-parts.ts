import { formatVersion, type PartGroupInput, type Remaining } from '../model/task-inputs.ts';
import { openStaging, type Staging } from '../multipart/staging.ts';
import { type Part, partsInGroup } from '../rules/part-layout.ts';
import type { CopyContext } from '../run/copy-context.ts';
import type { WorkBucket } from '../run/open-run.ts';
import type { Invocation } from '../run/task.ts';
import { findPublished } from './after-staging.ts';
import { LargeObject } from './large-object.ts';

/** One of the two stages. @returns how many of the parts it had no time for */
type Stage = (context: CopyContext, staging: Staging, parts: readonly Part[]) => Promise<number>;

/**
 * Runs a stage for one group of the parts of a large object.
 *
 * @returns how many parts remain, for which there was no time; 0 also when the object has ended
 */
export async function stagePartGroup(
  stage: Stage,
  input: PartGroupInput,
  workBucket: WorkBucket,
  invocation: Invocation,
): Promise<Remaining> {
  const big = await LargeObject.find(input, workBucket, invocation);
  if (await big.hasEnded()) return { v: formatVersion, remaining: 0 };
  let remaining = 0;
  await big.step(async (context, object) => {
    const before = await findPublished(context, object);
    if (before !== undefined) return before;
    const staging = await openStaging(context, object);
    remaining = await stage(context, staging, partsInGroup(staging.parts, input.group));
    return 'later';
  });
  return { v: formatVersion, remaining };
}
