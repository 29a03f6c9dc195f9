import { expect } from 'vitest';

/** Expects an S3 error by code and status. */
export async function expectError(promise: Promise<unknown>, code: string, status: number): Promise<void> {
  const outcome = await promise.then(
    () => ({ code: 'no error', status: 200 }),
    (error: { name?: string; $metadata?: { httpStatusCode?: number } }) => ({
      code: error.name,
      status: error.$metadata?.httpStatusCode,
    }),
  );
  // The words by which a known difference is told from another.
  expect(outcome, `answered ${outcome.code} ${outcome.status}`).toEqual({ code, status });
}

/** The code in the document of an error. */
export const errorCode = (text: string): string | undefined => /<Code>(\w+)<\/Code>/.exec(text)?.[1];

/** Waits until the clock shows another second: S3 dates objects in whole ones. */
export async function nextSecond(): Promise<void> {
  const second = Math.floor(Date.now() / 1000);
  while (Math.floor(Date.now() / 1000) === second) await new Promise((resolve) => setTimeout(resolve, 20));
}
