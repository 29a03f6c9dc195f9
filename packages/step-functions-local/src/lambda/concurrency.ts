import type { Invoke, InvokeResponse } from './invocation.ts';

/** Lambda's response when the concurrency limit is reached. */
export const throttled: InvokeResponse = {
  kind: 'serviceError',
  error: 'Lambda.TooManyRequestsException',
  cause: 'Rate Exceeded. (Service: Lambda, Status Code: 429)',
};

/**
 * Throttles invocations above an account's concurrent executions, which all functions share. An invocation that waits
 * for a thread counts too, because it would run on AWS.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html (read 2026-11-28)
 */
export function limitConcurrency(concurrentExecutions: number, invoke: Invoke): Invoke {
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
