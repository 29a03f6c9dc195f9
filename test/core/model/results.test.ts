import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isUnfinished,
  mayBecomeBetter,
  ObjectResult,
  strongest,
  withoutResult,
} from '../../../core/model/results.ts';
import { type Status, statuses } from '../../../core/model/statuses.ts';

const batched = (line: number) => ({
  key: `k${line}`,
  target: `k${line}`,
  size: 1,
  etag: 'e',
  reason: 'new',
  line,
});

const anyResult = fc.record({ line: fc.nat(5), status: fc.constantFrom(...statuses), passing: fc.boolean() });

describe('the results of a batch', () => {
  it('say of each object what its strongest result says, in whatever order they come', () => {
    fc.assert(
      fc.property(
        fc
          .array(anyResult, { maxLength: 20 })
          .chain((results) =>
            fc.tuple(fc.constant(results), fc.shuffledSubarray(results, { minLength: results.length })),
          ),
        ([results, shuffled]) => {
          const best = new Map<number, Status>();
          for (const { line, status } of results) {
            const known = best.get(line);
            if (known === undefined || statuses.indexOf(status) < statuses.indexOf(known))
              best.set(line, status);
          }
          const found = strongest(shuffled);
          expect([...found].map(([line, { status }]) => [line, status]).sort()).toEqual([...best].sort());
        },
      ),
      { numRuns: 300 },
    );
  });

  it('written twice say the same', () => {
    fc.assert(
      fc.property(fc.array(anyResult), (results) => {
        expect(strongest([...results, ...results])).toEqual(strongest(results));
      }),
    );
  });

  it('leave to be done what has none, by its line in the first pass', () => {
    const results = strongest([
      { line: 7, status: 'failed' },
      { line: 9, status: 'copied' },
    ]);
    expect(withoutResult([batched(7), batched(8), batched(9)], results)).toEqual([batched(8)]);
    expect(withoutResult([], results)).toEqual([]);
    expect(withoutResult([batched(1)], new Map())).toEqual([batched(1)]);
  });
});

describe('an object is attempted again', () => {
  it.each<[ObjectResult | undefined, boolean, boolean, string]>([
    [undefined, true, true, 'no result was recorded: every attempt stopped before finishing'],
    [{ line: 0, status: 'failed', passing: true }, true, true, 'its failure may pass'],
    [{ line: 0, status: 'failed', passing: false }, false, true, 'its failure will not pass by itself'],
    [{ line: 0, status: 'failed' }, false, true, 'nothing says that its failure may pass'],
    [{ line: 0, status: 'conflict', passing: true }, false, true, 'another writer had the last word'],
    [{ line: 0, status: 'archived' }, false, true, 'it must be restored first'],
    [{ line: 0, status: 'changed' }, false, true, 'its source does not come to rest'],
    [{ line: 0, status: 'copied' }, false, false, 'it is there'],
    [{ line: 0, status: 'vanished' }, false, false, 'it is nowhere'],
  ])('with the result %j by the next pass: %j, by a redrive: %j (%s)', (result, byPass, byRedrive) => {
    expect(mayBecomeBetter(result)).toBe(byPass);
    expect(isUnfinished(result)).toBe(byRedrive);
  });

  it('by a redrive whenever it is by a pass', () => {
    fc.assert(
      fc.property(fc.option(anyResult, { nil: undefined }), (result) =>
        mayBecomeBetter(result) ? isUnfinished(result) : true,
      ),
    );
  });
});

describe('a line of a result segment', () => {
  it('has a strict form', () => {
    const line = {
      line: 0,
      status: 'copied',
      proof: 'etag',
      etag: 'e',
      error: 'E',
      message: 'm',
      passing: false,
    };
    expect(ObjectResult.parse(line)).toEqual(line);
    expect(ObjectResult.parse({ line: 0, status: 'failed' })).toEqual({ line: 0, status: 'failed' });
    expect(ObjectResult.safeParse({ ...line, more: 1 }).success).toBe(false);
    expect(ObjectResult.safeParse({ ...line, status: 'same' }).success).toBe(false);
    expect(ObjectResult.safeParse({ ...line, proof: 'trust' }).success).toBe(false);
    expect(ObjectResult.safeParse({ status: 'copied' }).success).toBe(false);
  });
});
