import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { requestRetry, waitBefore } from '../../../core/rules/retry.ts';

describe('the wait before another attempt', () => {
  it.each([
    [1, 400],
    [2, 800],
    [3, 1_600],
    [4, 3_200],
    [5, 6_400],
    [6, 10_000],
    [50, 10_000],
  ])('after %i failures is %i ms at the longest', (failed, longest) => {
    expect(waitBefore(requestRetry, failed, 1)).toBe(longest);
    expect(waitBefore(requestRetry, failed, 0.5)).toBe(longest / 2);
    expect(waitBefore(requestRetry, failed, 0)).toBe(0);
  });

  it('adds up to 12.4 s for a request at the longest', () => {
    const waits = Array.from({ length: requestRetry.attempts - 1 }, (_, n) =>
      waitBefore(requestRetry, n + 1, 1),
    );
    expect(waits.reduce((sum, wait) => sum + wait, 0)).toBe(12_400);
  });

  it('is any whole number of milliseconds up to the longest, so that workers do not march in step', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (failed, random) => {
          const wait = waitBefore(requestRetry, failed, random);
          expect(Number.isInteger(wait)).toBe(true);
          expect(wait).toBeGreaterThanOrEqual(0);
          expect(wait).toBeLessThan(requestRetry.maxMillis);
        },
      ),
    );
  });
});
