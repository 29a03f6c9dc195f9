import type { PlannedObject } from '../model/batches.ts';
import type { CopyContext, OutcomeOrLater } from '../run/copy-context.ts';
import { publish, recheckSource } from './complete-upload.ts';
import { prepareDirect } from './direct-job.ts';
import { isHead } from './resolve-conflict.ts';

/** A multipart object in one invocation; a later one goes on from the parts that the upload has. */
export async function copyDirect(context: CopyContext, object: PlannedObject): Promise<OutcomeOrLater> {
  const source = await recheckSource(context, object);
  if (!isHead(source)) return source;
  return publish(context, await prepareDirect(context, object, source), source);
}
