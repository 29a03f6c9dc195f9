import type { PlannedObject } from '../model/batches.ts';
import type { CopyContext, Outcome } from '../run/copy-context.ts';
import { publish, sourceOnceMore } from './complete-upload.ts';
import { directJob } from './direct-job.ts';
import { isHead } from './resolve-conflict.ts';

/** A multipart object in one invocation; a later one goes on from the parts that the upload has. */
export async function copyDirect(context: CopyContext, object: PlannedObject): Promise<Outcome> {
  const source = await sourceOnceMore(context, object);
  if (!isHead(source)) return source;
  return publish(context, await directJob(context, object, source), source);
}
