import { Duration } from 'aws-cdk-lib';
import { Errors, JitterType, type RetryProps } from 'aws-cdk-lib/aws-stepfunctions';
import type { CopyErrorName } from '../lambdas/core/errors.ts';

/** Ties the names the state machine retries to those that handlers can throw: a typo does not compile. */
const named = (...names: readonly CopyErrorName[]): readonly CopyErrorName[] => names;

/**
 * Lambda has no free environment for the call: the account is at its concurrency, which other workers free
 * only when they end, up to 15 minutes later. Eight retries from 2 s, doubling, capped at 5 minutes: at most
 * 2+4+8+16+32+64+128+256 = 510 s, half of that on average under full jitter.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html (read 2026-11-22)
 */
export const whenThrottled: RetryProps = {
  errors: ['Lambda.TooManyRequestsException'],
  interval: Duration.seconds(2),
  backoffRate: 2,
  maxDelay: Duration.minutes(5),
  maxAttempts: 8,
  jitterStrategy: JitterType.FULL,
};

/**
 * The call failed on its way, the function died or ran out of time, or S3 failed for a passing reason although
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
