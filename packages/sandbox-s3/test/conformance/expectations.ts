import { expect } from 'vitest';

/** Expects that a request fails with an S3 error. */
export async function expectError(promise: Promise<unknown>, code: string, status: number): Promise<void> {
  const outcome = await promise.then(
    () => ({ code: 'no error', status: 200 }),
    (error: { name?: string; $metadata?: { httpStatusCode?: number } }) => ({
      code: error.name,
      status: error.$metadata?.httpStatusCode,
    }),
  );
  // `differences.ts` recognizes a known difference by this text.
  expect(outcome, `answered ${outcome.code} ${outcome.status}`).toEqual({ code, status });
}

/** The error code in an error document. */
export const errorCode = (text: string): string | undefined => /<Code>(\w+)<\/Code>/.exec(text)?.[1];

/** Waits until the next second, because S3 dates objects in whole seconds. */
export async function nextSecond(): Promise<void> {
  const second = Math.floor(Date.now() / 1000);
  while (Math.floor(Date.now() / 1000) === second) await new Promise((resolve) => setTimeout(resolve, 20));
}
