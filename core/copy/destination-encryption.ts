import type { PlannedObject } from '../model/batches.ts';
import { probeUpload } from '../multipart/probe-upload.ts';
import type { CopyContext } from '../run/copy-context.ts';

const known = new WeakMap<CopyContext, Promise<boolean>>();

/**
 * Whether copies are encrypted by a key of KMS, so that their ETags are no MD5s. Where the bucket decides, an upload
 * that is opened and ended at once tells, which needs no further right and publishes nothing; asked once in an
 * invocation.
 */
export function encryptsByKms(context: CopyContext, object: PlannedObject): Promise<boolean> {
  const { sse } = context.run.copyRequest;
  if (sse !== undefined) return Promise.resolve(sse.algorithm === 'aws:kms');
  const before = known.get(context);
  if (before !== undefined) return before;
  const asked = probeUpload(context, object, {}).then(({ isKms }) => isKms);
  known.set(context, asked);
  asked.catch(() => known.delete(context));
  return asked;
}
