import type { PlannedObject } from '../../core/orders.ts';
import type { CopyContext, Outcome } from '../context.ts';
import { publishedBefore } from './after.ts';
import { finalize } from './finalize.ts';
import { stage1, stage2 } from './stages.ts';
import { openStaging } from './staging.ts';

/** All three steps of a multipart object in one invocation; a later one goes on from the files that are there. */
export async function copyStaged(context: CopyContext, object: PlannedObject): Promise<Outcome> {
  const before = await publishedBefore(context, object);
  if (before !== undefined) return before;
  const staging = await openStaging(context, object);
  if ((await stage1(context, staging, staging.parts)) > 0) return 'later';
  if ((await stage2(context, staging, staging.parts)) > 0) return 'later';
  return finalize(context, staging);
}
