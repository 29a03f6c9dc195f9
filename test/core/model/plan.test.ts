import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MiB } from '../../../core/model/limits.ts';
import {
  type Decision,
  noCounts,
  PlanCounts,
  PlanLine,
  plusCounts,
  total,
} from '../../../core/model/plan.ts';
import { count } from '../../../core/rules/plan-counts.ts';

const md5 = 'd41d8cd98f00b204e9800998ecf8427e';
const rule = { bytes: 5 * MiB, likeSource: 'never' } as const;
const size = fc.nat(1_000);
const anyVerdict: fc.Arbitrary<Decision> = fc.oneof(
  fc.record({
    action: fc.constant('copy' as const),
    map: fc.constantFrom('objects' as const, 'multipart' as const),
    key: fc.constant('k'),
    target: fc.constant('t'),
    size: fc.nat(64 * MiB),
    etag: fc.constantFrom('e', `${md5}-1`, `${md5}-3`),
    reason: fc.constantFrom('new', 'size', 'etag'),
  }),
  fc.record({
    action: fc.constant('same' as const),
    key: fc.constant('k'),
    size,
    reason: fc.constantFrom('etag', 'unproven-older'),
  }),
  fc.record({
    action: fc.constant('filtered' as const),
    key: fc.constant('k'),
    size,
    reason: fc.constantFrom('list-only' as const, 'exists' as const),
  }),
  fc.record({
    action: fc.constant('refused' as const),
    key: fc.constant('k'),
    target: fc.constant('t'),
    size,
    reason: fc.constantFrom('key-too-long' as const, 'temp-area' as const),
  }),
  fc.record({ action: fc.constant('missing' as const), key: fc.constantFrom('k', 'k\r') }),
  fc.record({ action: fc.constant('protected' as const), key: fc.constant('k') }),
  fc.record({
    action: fc.constant('extra' as const),
    key: fc.constant('k'),
    target: fc.constant('t'),
    size,
    etag: fc.constant('e'),
  }),
);

const countAll = (verdicts: readonly Decision[]): PlanCounts =>
  verdicts.reduce((counts, verdict) => count(counts, verdict, rule), noCounts);

describe('the counts of a plan', () => {
  it('have every verdict under its reason, with its bytes', () => {
    const copy = { action: 'copy' as const, key: 'k', target: 't', etag: 'e', reason: 'new' };
    expect(
      countAll([
        { ...copy, map: 'objects', size: 1 },
        { ...copy, map: 'objects', size: 2, storageClass: 'GLACIER_IR' },
        { ...copy, map: 'multipart', size: 4, storageClass: 'GLACIER_IR' },
        { ...copy, map: 'objects', size: 128, storageClass: 'GLACIER', archived: true },
        { ...copy, map: 'objects', size: 256, archived: true },
        { ...copy, map: 'objects', size: 6 * MiB, etag: `${md5}-2`, reason: 'size' },
        { ...copy, map: 'multipart', size: 11 * MiB, etag: `${md5}-9`, reason: 'size' },
        { action: 'same', key: 'k', size: 8, reason: 'etag' },
        { action: 'filtered', key: 'k', size: 16, reason: 'exists' },
        { action: 'refused', key: 'k', target: 't', size: 32, reason: 'temp-area' },
        { action: 'missing', key: 'k' },
        { action: 'missing', key: 'k\r' },
        { action: 'extra', key: 'k', target: 't', size: 64, etag: 'e' },
        { action: 'protected', key: 'k' },
      ]),
    ).toEqual({
      listed: 0,
      same: { etag: { objects: 1, bytes: 8 } },
      filtered: { exists: { objects: 1, bytes: 16 } },
      refused: { 'temp-area': { objects: 1, bytes: 32 } },
      planned: { new: { objects: 5, bytes: 391 }, size: { objects: 2, bytes: 17 * MiB } },
      classes: { GLACIER_IR: { objects: 2, bytes: 6 } },
      archived: { GLACIER: { objects: 1, bytes: 128 }, STANDARD: { objects: 1, bytes: 256 } },
      inParts: { objects: 2, bytes: 17 * MiB, parts: 2 + 3 },
      missing: 2,
      missingReturns: 1,
      extra: { objects: 1, bytes: 64 },
      inScope: 0,
      maps: {
        objects: { objects: 5, bytes: 387 + 6 * MiB },
        multipart: { objects: 2, bytes: 4 + 11 * MiB },
      },
    });
  });

  it('hold every verdict once, and each planned object in one map', () => {
    fc.assert(
      fc.property(fc.array(anyVerdict, { maxLength: 40 }), (verdicts) => {
        const counts = countAll(verdicts);
        const all = [counts.same, counts.filtered, counts.refused, counts.planned].map(total);
        const counted = verdicts.filter(({ action }) => action !== 'protected').length;
        const apart = counts.missing + counts.extra.objects;
        expect(all.reduce((sum, { objects }) => sum + objects, apart)).toBe(counted);
        const { objects, multipart } = counts.maps;
        expect(objects.objects + multipart.objects).toBe(total(counts.planned).objects);
        expect(objects.bytes + multipart.bytes).toBe(total(counts.planned).bytes);
        expect(PlanCounts.parse(counts)).toEqual(counts);
      }),
    );
  });

  it('of two halves are those of the whole', () => {
    fc.assert(
      fc.property(fc.array(anyVerdict), fc.array(anyVerdict), fc.nat(9), fc.nat(9), (a, b, i, j) => {
        const sum = plusCounts(
          { ...countAll(a), listed: i, inScope: j },
          { ...countAll(b), listed: j, inScope: j },
        );
        expect(sum).toEqual({ ...countAll([...a, ...b]), listed: i + j, inScope: 2 * j });
      }),
    );
  });

  it('leave what they count from as it was', () => {
    countAll([{ action: 'missing', key: 'k' }]);
    plusCounts(noCounts, countAll([{ action: 'same', key: 'k', size: 1, reason: 'etag' }]));
    expect(noCounts).toEqual({
      listed: 0,
      same: {},
      filtered: {},
      refused: {},
      planned: {},
      classes: {},
      archived: {},
      inParts: { objects: 0, bytes: 0, parts: 0 },
      missing: 0,
      missingReturns: 0,
      extra: { objects: 0, bytes: 0 },
      inScope: 0,
      maps: { objects: { objects: 0, bytes: 0 }, multipart: { objects: 0, bytes: 0 } },
    });
  });

  it('of nothing are nothing', () => {
    expect(total({})).toEqual({ objects: 0, bytes: 0 });
    expect(plusCounts(noCounts, noCounts)).toEqual(noCounts);
  });
});

describe('a line of a plan', () => {
  it('is read back as every verdict that is written', () => {
    fc.assert(
      fc.property(
        anyVerdict.filter(({ action }) => action !== 'protected'),
        (verdict) => {
          expect(PlanLine.parse(JSON.parse(JSON.stringify(verdict)))).toEqual(verdict);
        },
      ),
    );
  });

  it.each<[unknown, string]>([
    [{ action: 'protected', key: 'k' }, 'protected keys are not written'],
    [{ action: 'missing', key: 'k', size: 1 }, 'a missing file has no size'],
    [{ action: 'filtered', key: 'k', size: 1, reason: 'mood' }, 'only known reasons'],
    [{ action: 'copy', key: 'k', target: 't', size: 1, etag: 'e', reason: 'new' }, 'a map is part of it'],
    [{ key: 'k' }, 'an action is part of it'],
  ])('is not %j: %s', (line) => {
    expect(PlanLine.safeParse(line).success).toBe(false);
  });
});
