import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addsUp,
  isFailure,
  noTally,
  plus,
  plusOne,
  type Status,
  statuses,
  stronger,
  type Totals,
} from '../../../core/model/statuses.ts';

const none: Totals = {
  listed: 0,
  same: 0,
  filtered: 0,
  refused: 0,
  planned: 0,
  missing: 0,
  ended: { copied: 0, vanished: 0, changed: 0, archived: 0, conflict: 0, failed: 0 },
};
const ended = (counts: Partial<Record<Status, number>>): Totals => ({
  ...none,
  ended: { ...none.ended, ...counts },
});

describe('of two results', () => {
  const order = ['copied', 'vanished', 'changed', 'archived', 'conflict', 'failed'] as const;

  it('the stronger is the one that the sum of a report names first', () => {
    expect(statuses).toEqual(order);
  });

  it.each(order.flatMap((a, i) => order.map((b, j) => [a, b, order[Math.min(i, j)]] as const)))(
    '%s and %s, %s counts',
    (a, b, winner) => {
      expect(stronger({ status: a }, { status: b })).toEqual({ status: winner });
    },
  );

  it('of one status the first one stays, but of two failures the later one, which is true now', () => {
    const first = { status: 'copied' as const, message: 'first' };
    expect(stronger(first, { status: 'copied', message: 'second' })).toBe(first);
    const failed = { status: 'failed' as const, message: 'first' };
    expect(stronger(failed, { status: 'failed', message: 'second' })).toMatchObject({ message: 'second' });
  });

  it('one counts where there is no other', () => {
    const only = { status: 'failed' as const };
    expect(stronger(undefined, only)).toBe(only);
  });
});

describe('a run fails', () => {
  it.each([
    ['nothing at all', none, false],
    ['copied objects', ended({ copied: 5 }), false],
    ['vanished objects', ended({ vanished: 5 }), false],
    ['changed objects', ended({ copied: 5, changed: 1 }), true],
    ['archived objects', ended({ archived: 1 }), true],
    ['conflicts', ended({ conflict: 1 }), true],
    ['failed objects', ended({ failed: 1 }), true],
    ['refused keys', { ...none, refused: 1 }, true],
    ['missing files', { ...none, missing: 1 }, true],
    ['unchanged and filtered keys', { ...none, same: 3, filtered: 4 }, false],
  ])('with %s: %j -> %j', (_what, totals, fails) => {
    expect(isFailure(totals, 'fail')).toBe(fails);
  });

  it('fails for no archived object when those are to be skipped, but for all else', () => {
    const archived = { ...none, ended: { ...none.ended, archived: 2 } };
    expect(isFailure(archived, 'fail')).toBe(true);
    expect(isFailure(archived, 'skip')).toBe(false);
    expect(isFailure({ ...archived, refused: 1 }, 'skip')).toBe(true);
  });
});

describe('the sums of a report', () => {
  it.each([
    ['nothing', none, true],
    ['a key without an end', { ...none, listed: 1 }, false],
    ['an end without a key', { ...none, same: 1 }, false],
    ['a planned object without an end', { ...none, listed: 1, planned: 1 }, false],
    ['an ended object that was not planned', ended({ copied: 1 }), false],
    ['missing files, which are part of no sum', { ...none, missing: 3 }, true],
  ])('of %s add up: %j -> %j', (_what, totals, isRight) => {
    expect(addsUp(totals)).toBe(isRight);
  });

  const numbers = fc.record({
    same: fc.nat(100),
    filtered: fc.nat(100),
    refused: fc.nat(100),
    missing: fc.nat(100),
    ended: fc.record({
      copied: fc.nat(100),
      vanished: fc.nat(100),
      changed: fc.nat(100),
      archived: fc.nat(100),
      conflict: fc.nat(100),
      failed: fc.nat(100),
    }),
  });

  it('add up if, and only if, both do', () => {
    fc.assert(
      fc.property(
        numbers,
        fc.integer({ min: -1, max: 1 }),
        fc.integer({ min: -1, max: 1 }),
        (counts, a, b) => {
          const planned = Object.values(counts.ended).reduce((sum, count) => sum + count, 0) + a;
          const listed = counts.same + counts.filtered + counts.refused + planned + b;
          expect(addsUp({ ...counts, planned, listed })).toBe(a === 0 && b === 0);
        },
      ),
    );
  });
});

describe('a tally', () => {
  it('counts objects and their bytes', () => {
    expect(plusOne(undefined, 5)).toEqual({ objects: 1, bytes: 5 });
    expect(plusOne({ objects: 1, bytes: 5 }, 0)).toEqual({ objects: 2, bytes: 5 });
    expect(plus(undefined, { objects: 2, bytes: 5 })).toEqual({ objects: 2, bytes: 5 });
    expect(plus({ objects: 1, bytes: 1 }, { objects: 2, bytes: 5 })).toEqual({ objects: 3, bytes: 6 });
  });

  it('of many objects is the same in one go and in two', () => {
    fc.assert(
      fc.property(fc.array(fc.nat()), fc.array(fc.nat()), (a, b) => {
        const tally = (sizes: readonly number[]) => sizes.reduce(plusOne, noTally);
        expect(plus(tally(a), tally(b))).toEqual(tally([...a, ...b]));
      }),
    );
  });

  it('leaves what it adds to as it was', () => {
    const before = Object.freeze({ objects: 1, bytes: 1 });
    expect(plusOne(before, 1)).not.toBe(before);
    expect(plus(before, before)).toEqual({ objects: 2, bytes: 2 });
  });
});
