import { findPublished } from '../../core/copy/clean-up.ts';
import { copyDirect } from '../../core/copy/direct.ts';
import { LargeObject } from '../../core/copy/large-object.ts';
import { finalize } from '../../core/copy/staged.ts';
import type { PlannedObject } from '../../core/model/batches.ts';
import { type BatchInput, formatVersion, type Remaining } from '../../core/model/task-inputs.ts';
import { openStaging } from '../../core/multipart/staging.ts';
import type { CopyContext, OutcomeOrLater } from '../../core/run/copy-context.ts';
import type { WorkBucket } from '../../core/run/open-run.ts';
import type { Invocation } from '../../core/run/task.ts';

/**
 * Makes the target of a large object, from its part files or from the source itself, and writes the result of the object.
 *
 * @returns 1 if there is no result yet because time ran out
 */
export async function finalizeObject(
  input: BatchInput,
  workBucket: WorkBucket,
  invocation: Invocation,
): Promise<Remaining> {
  const large = await LargeObject.find(input, workBucket, invocation);
  if (await large.hasEnded()) return { v: formatVersion, remaining: 0 };
  const outcome = await large.step((context, object) =>
    context.run.copyRequest.strategy === 'direct' ? copyDirect(context, object) : ofFiles(context, object),
  );
  return { v: formatVersion, remaining: outcome === 'later' ? 1 : 0 };
}

async function ofFiles(context: CopyContext, object: PlannedObject): Promise<OutcomeOrLater> {
  const before = await findPublished(context, object);
  return before ?? finalize(context, await openStaging(context, object));
}
