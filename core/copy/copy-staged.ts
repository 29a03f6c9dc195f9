import type { PlannedObject } from '../model/batches.ts';
import { openStaging } from '../multipart/staging.ts';
import type { CopyContext, OutcomeOrLater } from '../run/copy-context.ts';
import { findPublished } from './after-staging.ts';
import { finalize } from './finalize-staged.ts';
import { makePartFiles, makeTempFiles } from './make-part-files.ts';

/** All three steps of a multipart object in one invocation; a later one goes on from the files that are there. */
export async function copyStaged(context: CopyContext, object: PlannedObject): Promise<OutcomeOrLater> {
  const before = await findPublished(context, object);
  if (before !== undefined) return before;
  const staging = await openStaging(context, object);
  if ((await makeTempFiles(context, staging, staging.parts)) > 0) return 'later';
  if ((await makePartFiles(context, staging, staging.parts)) > 0) return 'later';
  return finalize(context, staging);
}
