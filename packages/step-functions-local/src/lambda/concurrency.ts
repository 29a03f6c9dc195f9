import type { Invoke, InvokeResponse } from './invocation.ts';

/** What Lambda answers when it has no free environment for a call. */
export const throttled: InvokeResponse = {
  serviceError: {
    error: 'Lambda.TooManyRequestsException',
    cause: 'Rate Exceeded. (Service: Lambda, Status Code: 429)',
  },
};

/**
 * Throttles what goes beyond an account's concurrent executions, which all functions share. An invocation that waits for
 * a thread here would run on AWS, and counts.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html (read 2026-11-28)
 */
export function atMost(concurrentExecutions: number, invoke: Invoke): Invoke {
  let running = 0;
  return async (request) => {
    if (running >= concurrentExecutions) return throttled;
    running += 1;
    try {
      return await invoke(request);
    } finally {
      running -= 1;
    }
  };
}
