import { S3Failure } from '../s3/failures.ts';

/**
 * Cleans up as far as S3 lets it: whether an object is at its destination does not depend on that. What is left
 * open ends with the bucket's rule for unfinished uploads.
 *
 * @returns whether S3 let it
 */
export async function tidy(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (!(error instanceof S3Failure)) throw error;
    return false;
  }
}
