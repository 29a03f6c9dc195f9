import { Duration } from 'aws-cdk-lib';
import { Errors, JitterType, type RetryProps } from 'aws-cdk-lib/aws-stepfunctions';
import type { CopyErrorName } from '../core/model/errors.ts';

/** Ties the names the state machine retries to those that handlers can throw: a typo does not compile. */
const named = (...names: readonly CopyErrorName[]): readonly CopyErrorName[] => names;

/**
 * Lambda has no free environment for the call: the account is at its concurrency. A place gets free when a worker ends,
 * up to 15 minutes later, and may go to another task that waits: of many, one waits for hours, and nothing is wrong.
 * Each retry costs three events of a history that ends at 25,000, so the waits are long instead of many: from 10 s, times
 * three, capped at an hour, eleven are at most 10+30+90+270+810+2,430+5x3,600 s = 6 h, half of that on average under full
 * jitter. What gives up all the same is copied by the next pass.
 *
 * @param maxAttempts more where the history has room: each is half an hour more on average
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html (read 2026-11-22)
 */
export const whenThrottled = (maxAttempts = 11): RetryProps => ({
  errors: ['Lambda.TooManyRequestsException'],
  interval: Duration.seconds(10),
  backoffRate: 3,
  maxDelay: Duration.hours(1),
  maxAttempts,
  jitterStrategy: JitterType.FULL,
});

/**
 * The call failed on its way, the function died or ran out of time, or S3 failed for a temporary reason although
 * the worker had retried it: every task can simply run again. Four retries from 3 s, times four: at most
 * 3+12+48+192 = 255 s of waiting, half of that on average under full jitter.
 *
 * The first four names are AWS's own advice for every Lambda task. A function that runs out of time shows as
 * `Sandbox.Timedout` or `Lambda.Unknown`, or as `TimeoutError` where a library ends it a moment earlier. One that
 * crashes or runs out of memory shows as `Lambda.Unknown`, `Runtime.ExitError` or `Runtime.OutOfMemory`.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/sfn-best-practices.html (read 2026-11-22)
 */
export const whenBroken: RetryProps = {
  errors: [
    'Lambda.ClientExecutionTimeoutException',
    'Lambda.ServiceException',
    'Lambda.AWSLambdaException',
    'Lambda.SdkClientException',
    'Lambda.Unknown',
    'Sandbox.Timedout',
    'Runtime.ExitError',
    'Runtime.OutOfMemory',
    'TimeoutError',
    Errors.TIMEOUT,
    ...named('StorageError'),
  ],
  interval: Duration.seconds(3),
  backoffRate: 4,
  maxDelay: Duration.minutes(5),
  maxAttempts: 4,
  jitterStrategy: JitterType.FULL,
};
