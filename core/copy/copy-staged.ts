import type { PlannedObject } from '../model/batches.ts';
import { openStaging } from '../multipart/staging.ts';
import type { CopyContext, Outcome } from '../run/copy-context.ts';
import { publishedBefore } from './after-staging.ts';
import { finalize } from './finalize-staged.ts';
import { stage1, stage2 } from './stages.ts';

/** All three steps of a multipart object in one invocation; a later one goes on from the files that are there. */
export async function copyStaged(context: CopyContext, object: PlannedObject): Promise<Outcome> {
  const before = await publishedBefore(context, object);
  if (before !== undefined) return before;
  const staging = await openStaging(context, object);
  if ((await stage1(context, staging, staging.parts)) > 0) return 'later';
  if ((await stage2(context, staging, staging.parts)) > 0) return 'later';
  return finalize(context, staging);
}
