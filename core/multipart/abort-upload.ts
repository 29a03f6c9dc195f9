import type { CopyContext } from '../run/copy-context.ts';
import { S3Error } from '../s3/failures.ts';
import type { Address } from '../s3/object-store.ts';

/**
 * Cleans up as far as S3 lets it: whether an object is at its destination does not depend on that. What is left
 * open ends with the bucket's rule for unfinished uploads.
 *
 * @returns whether S3 let it
 */
export async function bestEffort(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (!(error instanceof S3Error)) throw error;
    return false;
  }
}

/** Ends an upload that is of no use any more, as far as S3 lets it. @returns whether it is gone */
export const abortUpload = (
  { destination, limiter }: Pick<CopyContext, 'destination' | 'limiter'>,
  target: Address,
  uploadId: string,
): Promise<boolean> => bestEffort(() => limiter.send(() => destination.store.abortUpload(target, uploadId)));
