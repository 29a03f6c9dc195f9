import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MiB } from '../../../core/model/limits.ts';
import { noCounts } from '../../../core/model/plan.ts';
import {
  addTotals,
  countDifferences,
  countOutcome,
  noOutcomes,
  OutcomeCounts,
  Report,
} from '../../../core/model/report.ts';
import { evidences } from '../../../core/model/results.ts';
import { addsUp, statuses } from '../../../core/model/statuses.ts';
import { count } from '../../../core/rules/plan-counts.ts';

const anyEnding = fc.record(
  { bytes: fc.nat(1_000), status: fc.constantFrom(...statuses), proof: fc.constantFrom(...evidences) },
  { requiredKeys: ['bytes', 'status'] },
);

const planOf = (objects: number) =>
  Array.from({ length: objects }).reduce<typeof noCounts>(
    (counts) =>
      count(
        { ...counts, listed: counts.listed + 1 },
        { action: 'copy', map: 'objects', key: 'k', target: 't', size: 1, etag: 'e', reason: 'new' },
        { bytes: 5 * MiB, likeSource: 'never' },
      ),
    noCounts,
  );

describe('the endings of a run', () => {
  it('count objects and bytes by status, and what proved the copies', () => {
    const endings = [
      { bytes: 5, status: 'copied' as const, proof: 'etag' as const },
      { bytes: 7, status: 'copied' as const, proof: 'part-md5s' as const },
      { bytes: 9, status: 'failed' as const },
    ].reduce((sum, { bytes, ...result }) => countOutcome(sum, bytes, result), noOutcomes);
    expect(endings.byStatus.copied).toEqual({ objects: 2, bytes: 12 });
    expect(endings.byStatus.failed).toEqual({ objects: 1, bytes: 9 });
    expect(endings.byStatus.vanished).toEqual({ objects: 0, bytes: 0 });
    expect(endings.proofs).toEqual({ checksum: 0, etag: 1, 'part-md5s': 1, size: 0 });
  });

  it('make sums that add up with a plan of as many objects', () => {
    fc.assert(
      fc.property(fc.array(anyEnding, { maxLength: 40 }), (ends) => {
        const endings = ends.reduce(
          (sum, { bytes, ...result }) => countOutcome(sum, bytes, result),
          noOutcomes,
        );
        expect(OutcomeCounts.parse(endings)).toEqual(endings);
        const totals = addTotals(planOf(ends.length), endings);
        expect(addsUp(totals)).toBe(true);
        for (const status of statuses) {
          expect(totals.ended[status]).toBe(ends.filter((end) => end.status === status).length);
        }
        expect(addsUp(addTotals(planOf(ends.length + 1), endings))).toBe(false);
      }),
    );
  });

  it('stand beside the numbers of the plan', () => {
    const plan = {
      ...noCounts,
      listed: 6,
      same: { etag: { objects: 1, bytes: 1 }, checksum: { objects: 1, bytes: 1 } },
      filtered: { exists: { objects: 3, bytes: 1 } },
      refused: { 'temp-area': { objects: 1, bytes: 1 } },
      missing: 4,
    };
    expect(addTotals(plan, noOutcomes)).toMatchObject({
      listed: 6,
      same: 2,
      filtered: 3,
      refused: 1,
      planned: 0,
      missing: 4,
    });
  });

  it('begin with nothing, and counting leaves that as it was', () => {
    countOutcome(noOutcomes, 1, { status: 'copied', proof: 'size' });
    expect(addsUp(addTotals(noCounts, noOutcomes))).toBe(true);
    expect(Object.values(noOutcomes.byStatus).every(({ objects }) => objects === 0)).toBe(true);
  });
});

describe('report.json', () => {
  const report = {
    v: 1,
    run: 'r',
    executionArn: 'arn',
    outcome: 'done',
    source: 's3://a/',
    destination: 's3://b/',
    startedAt: 't',
    endedAt: 't',
    seconds: 1.5,
    passes: 1,
    redrives: 0,
    ...{ listed: 0, same: 0, filtered: 0, refused: 0, planned: 0, shown: 0 },
    ...{ copied: 0, vanished: 0, changed: 0, archived: 0, conflict: 0, failed: 0 },
    missing: 0,
    extra: 0,
    deleted: 0,
    undeleted: 0,
    bytes: { planned: 0, copied: 0, same: 0, archived: 0 },
    reasons: { same: {}, filtered: {}, refused: {}, planned: {} },
    proofs: { checksum: 0, etag: 0, 'part-md5s': 0 },
    sizeOnly: 0,
    failures: [],
    estimate: {
      writes: 1,
      writesDollars: 0,
      transferBytes: 0,
      transferDollars: 0,
      keptBytes: 0,
      keptDollarsAMonth: 0,
    },
    notes: [],
    files: { report: 'a', failures: 'b', manifest: 'c', page: 'd' },
  };

  it('has a strict form, with a destination or without', () => {
    expect(Report.parse(report)).toEqual(report);
    const { destination: _, ...listing } = report;
    expect(Report.parse({ ...listing, outcome: 'listed' })).toEqual({ ...listing, outcome: 'listed' });
    expect(Report.safeParse({ ...report, more: 1 }).success).toBe(false);
    expect(Report.safeParse({ ...report, outcome: 'fine' }).success).toBe(false);
    expect(Report.safeParse({ ...report, v: 2 }).success).toBe(false);
  });

  it('of a comparison counts whatever is not the same', () => {
    const compared = Report.parse({ ...report, outcome: 'compared', same: 9, filtered: 9 });
    expect(countDifferences(compared)).toBe(0);
    expect(countDifferences({ ...compared, planned: 1, extra: 2, refused: 4, missing: 8 })).toBe(15);
  });

  it('has a number for every status', () => {
    for (const status of statuses) {
      const { [status]: _, ...rest } = report;
      expect(Report.safeParse(rest).success).toBe(false);
    }
  });
});
