import { hasStatus } from './failures.ts';

/**
 * Reads something that may be absent. Without permission to list, S3 answers 403 for an absent key, so 403 counts as
 * absent here. What is written afterwards has its own conditions.
 */
export async function absentIfDenied<T>(ask: () => Promise<T | undefined>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (hasStatus(error, 403)) return undefined;
    throw error;
  }
}
