/** How often and how long apart a request is repeated. */
export interface RetryPolicy {
  /** Attempts in all. */
  readonly attempts: number;
  /** Longest first wait in milliseconds; doubles with each attempt. */
  readonly firstMillis: number;
  /** Longest wait in milliseconds. */
  readonly maxMillis: number;
}

/**
 * For requests of S3: with full jitter the five waits take 0 to 12.4 s, which outlasts a reset or a burst. What
 * lasts longer is left to the state machine's retries and to the next pass.
 *
 * @see https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter (read 2026-11-22)
 */
export const requestRetry: RetryPolicy = { attempts: 6, firstMillis: 400, maxMillis: 10_000 };

/**
 * Milliseconds to wait before the next attempt, with full jitter.
 *
 * @param failed attempts so far, from 1
 * @param random from 0 to 1
 */
export const waitBefore = ({ firstMillis, maxMillis }: RetryPolicy, failed: number, random: number): number =>
  Math.floor(random * Math.min(maxMillis, firstMillis * 2 ** (failed - 1)));
