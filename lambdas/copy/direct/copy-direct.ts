import type { PlannedObject } from '../../core/orders.ts';
import type { CopyContext, Outcome } from '../context.ts';
import { publish, sourceOnceMore } from '../publish.ts';
import { isHead } from '../questions.ts';
import { directJob } from './direct-job.ts';

/** A multipart object in one invocation; a later one goes on from the parts that the upload has. */
export async function copyDirect(context: CopyContext, object: PlannedObject): Promise<Outcome> {
  const source = await sourceOnceMore(context, object);
  if (!isHead(source)) return source;
  return publish(context, await directJob(context, object, source), source);
}
