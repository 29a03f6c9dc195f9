import { S3Failure } from '../s3/failures.ts';

/**
 * Cleans up as far as S3 lets it: whether an object is at its destination does not depend on that. What is left
 * open ends with the bucket's rule for unfinished uploads.
 */
export async function tidy(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof S3Failure)) throw error;
  }
}
