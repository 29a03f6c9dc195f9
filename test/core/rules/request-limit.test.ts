import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LimitState, slowDown, speedUp, startLimit } from '../../../core/rules/request-limit.ts';

const pace = (allowed: number, slowedAt = 0): LimitState => ({ allowed, ceiling: 40, slowedAt });

describe('the pace of a worker', () => {
  it('begins at its ceiling, since most prefixes bear it', () => {
    expect(startLimit(40)).toEqual({ allowed: 40, ceiling: 40, slowedAt: 0 });
  });

  it.each([
    { before: 40, after: 20, why: 'half of the ceiling' },
    { before: 5, after: 2.5, why: 'half of anything' },
    { before: 1.5, after: 1, why: 'never less than one' },
    { before: 1, after: 1, why: 'never less than one' },
  ])('falls from $before to $after on SlowDown: $why', ({ before, after }) => {
    expect(slowDown(pace(before), 5_000)).toEqual(pace(after, 5_000));
  });

  it.each([
    [5_000, 20],
    [5_999, 20],
    [6_000, 10],
  ])('after a refusal at 5,000 ms takes one at %i ms for the same event or not: %i', (now, allowed) => {
    expect(slowDown(pace(20, 5_000), now).allowed).toBe(allowed);
  });

  it('grows by one for as many successes as were allowed', () => {
    let now = pace(10);
    for (let n = 0; n < 10; n += 1) now = speedUp(now);
    expect(now.allowed).toBeGreaterThan(10.9);
    expect(now.allowed).toBeLessThan(11);
  });

  it.each([
    [40, 40],
    [39.99, 40],
  ])('stops growing from %d at the ceiling', (before, after) => {
    expect(speedUp(pace(before)).allowed).toBe(after);
  });

  it('stays between one and the ceiling, and finds back to it, whatever happens', () => {
    const events = fc.array(fc.oneof(fc.constant('success'), fc.nat(3_000)), { maxLength: 200 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), events, (ceiling, happened) => {
        let now = 10_000;
        let current = startLimit(ceiling);
        for (const event of happened) {
          if (typeof event === 'number') now += event;
          current = typeof event === 'number' ? slowDown(current, now) : speedUp(current);
          expect(current.allowed).toBeGreaterThanOrEqual(1);
          expect(current.allowed).toBeLessThanOrEqual(ceiling);
        }
        for (let n = 0; n < ceiling * ceiling && current.allowed < ceiling; n += 1)
          current = speedUp(current);
        expect(current.allowed).toBe(ceiling);
      }),
      { numRuns: 60 },
    );
  });
});
