import { hasStatus } from './failures.ts';

/**
 * Asks for something that may not be there. Who may not list is told 403 of what is absent, so that 403 counts as
 * absence here: what is made then carries its own conditions.
 */
export async function absentIfDenied<T>(ask: () => Promise<T | undefined>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (hasStatus(error, 403)) return undefined;
    throw error;
  }
}
