import { describe, expect, it } from 'vitest';
import { parseCopyRequest } from '../../../core/model/copy-request.ts';
import { GiB, MiB, TiB } from '../../../core/model/limits.ts';
import { noCounts, type PlanCounts } from '../../../core/model/plan.ts';
import type { Estimate } from '../../../core/model/report.ts';
import { copyCost, estimateCost, formatDollars, keptCost } from '../../../core/rules/cost.ts';

const requestWith = (more: object) =>
  parseCopyRequest({ src: 's3://source', dest: 's3://destination', ...more });

/** A million simple objects of 1 MiB, and ten of 1 TiB in 10,000 parts each. */
const plan: PlanCounts = {
  ...noCounts,
  planned: {
    new: { objects: 1_000_000, bytes: 1_000_000 * MiB },
    size: { objects: 10, bytes: 10 * TiB },
  },
  inParts: { objects: 10, bytes: 10 * TiB, parts: 100_000 },
};

describe('what a plan costs', () => {
  it('is the requests that write and, for staged copies, two files of each part month by month', () => {
    expect(estimateCost(plan, requestWith({}), true)).toEqual({
      writes: 1_000_000 + 500_000 + 40,
      writesDollars: 7.5002,
      transferBytes: 0,
      transferDollars: 0,
      keptBytes: 20 * TiB,
      keptDollarsAMonth: 471.04,
    });
  });

  it.each([
    { how: { keepParts: false }, writes: 1_500_040, kept: 0 },
    { how: { strategy: 'direct' }, writes: 1_100_020, kept: 0 },
  ])('keeps nothing with $how', ({ how, writes, kept }) => {
    expect(estimateCost(plan, requestWith(how), true)).toMatchObject({
      writes,
      keptBytes: kept,
      keptDollarsAMonth: 0,
    });
  });

  it.each([
    { storageClass: 'STANDARD_IA', dollars: 15.0004 },
    { storageClass: 'GLACIER_IR', dollars: 30.0008 },
    { storageClass: 'REDUCED_REDUNDANCY', dollars: 7.5002 },
  ])('has the price of writing to $storageClass', ({ storageClass, dollars }) => {
    expect(estimateCost(plan, requestWith({ storageClass }), true).writesDollars).toBe(dollars);
  });

  it('has the way between regions once', () => {
    const small = { ...noCounts, planned: { new: { objects: 1, bytes: 100 * GiB } } };
    expect(estimateCost(small, requestWith({}), false)).toMatchObject({
      transferBytes: 100 * GiB,
      transferDollars: 2,
    });
  });

  it('is told in words', () => {
    const estimate = estimateCost(plan, requestWith({}), false);
    expect(copyCost(estimate)).toBe(
      '1,500,040 requests that write cost $7.50, and 11.0 TiB to another region $224.33 (prices of us-east-1)',
    );
    expect(keptCost(estimate, 'r')).toBe(
      'staging keeps up to 20.0 TiB of part files, $471.04 a month (price of us-east-1), until s3copy cleanup r; ' +
        '`keepParts: false` removes them after each object is verified',
    );
    const nothing: Estimate = estimateCost(noCounts, requestWith({}), false);
    expect(copyCost(nothing)).toBeUndefined();
    expect(keptCost(nothing, 'r')).toBeUndefined();
    expect(copyCost({ ...nothing, writes: 1, writesDollars: 0.0001 })).toBe(
      '1 request that writes costs less than $0.01 (prices of us-east-1)',
    );
  });

  it.each([
    [0, '$0.00'],
    [0.0001, 'less than $0.01'],
    [0.01, '$0.01'],
    [1234.5, '$1234.50'],
  ])('%d dollars are %s', (dollars, text) => {
    expect(formatDollars(dollars)).toBe(text);
  });
});
