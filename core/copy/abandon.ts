import type { PlannedObject } from '../model/batches.ts';
import { abortTargetUploads } from '../multipart/upload.ts';
import { objectKind } from '../rules/part-layout.ts';
import type { CopyContext } from '../run/copy-context.ts';
import { abortUploadsOfVersion } from './after-staging.ts';

/**
 * Ends what was begun of a version of the source that is no more, or whose target somebody else has: nobody comes back
 * to it. Part files stay for whoever copies the same version.
 */
export async function abandon(context: CopyContext, object: PlannedObject): Promise<void> {
  const { copyRequest, parts } = context.run;
  if (objectKind(object, parts) === 'simple') return;
  await abortTargetUploads(context, object);
  if (copyRequest.strategy === 'staged') await abortUploadsOfVersion(context, object);
}
