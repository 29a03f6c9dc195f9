import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GiB, MiB, S3Limits, TiB } from '../../../core/model/limits.ts';
import {
  compactSizes,
  countPlannedParts,
  groupsFor,
  maxPartGroups,
  objectKind,
  partBytes,
  partRule,
  partSizeFor,
  partsInGroup,
  planParts,
} from '../../../core/rules/part-layout.ts';

const largestObject = S3Limits.maxParts * S3Limits.maxPartBytes;
const plain = 'd41d8cd98f00b204e9800998ecf8427e';
const wantedSize = fc.oneof(
  fc.integer({ min: S3Limits.minPartBytes, max: S3Limits.maxPartBytes }),
  fc.constantFrom(S3Limits.minPartBytes, 64 * MiB, S3Limits.maxPartBytes),
);
const objectSize = fc.oneof(
  fc.integer({ min: 1, max: 100 * MiB }),
  fc.maxSafeNat().map((n) => (n % largestObject) + 1),
  fc.constantFrom(1, 5 * GiB, 5 * TiB, largestObject),
);

describe('partSizeFor', () => {
  it.each([
    { size: 1, wanted: 64 * MiB, partSize: 64 * MiB, why: 'a small object has the wanted size' },
    { size: 640_000 * MiB, wanted: 64 * MiB, partSize: 64 * MiB, why: '10,000 parts suffice exactly' },
    {
      size: 640_000 * MiB + 1,
      wanted: 64 * MiB,
      partSize: 65 * MiB,
      why: 'one byte more takes the next whole MiB',
    },
    { size: 650_000 * MiB, wanted: 64 * MiB, partSize: 65 * MiB, why: 'which suffices exactly' },
    { size: 650_000 * MiB + 1, wanted: 64 * MiB, partSize: 66 * MiB, why: 'or not' },
    {
      size: 5 * TiB,
      wanted: 5 * MiB,
      partSize: 525 * MiB,
      why: 'a large object outgrows the smallest parts',
    },
    {
      size: largestObject,
      wanted: 64 * MiB,
      partSize: 5 * GiB,
      why: 'the largest object has the largest parts',
    },
    { size: largestObject, wanted: 5 * GiB, partSize: 5 * GiB, why: 'which may be wanted' },
    { size: 52_428_810_000, wanted: 5_242_881, partSize: 5_242_881, why: 'an odd size suffices exactly' },
    { size: 52_428_810_001, wanted: 5_242_881, partSize: 6 * MiB, why: 'or not' },
  ])('gives $size bytes parts of $partSize: $why', ({ size, wanted, partSize }) => {
    expect(partSizeFor(size, wanted)).toBe(partSize);
  });

  it('refuses what 10,000 parts of 5 GiB cannot hold, by its size', () => {
    const size = largestObject + 1;
    expect(() => partSizeFor(size, 64 * MiB)).toThrow(
      expect.objectContaining({
        name: 'InvalidRequestError',
        message: `object of ${size} bytes is beyond S3's 10,000 parts of 5 GiB`,
        details: { size },
      }),
    );
  });

  it('never shrinks a part, and grows no more than to the next whole MiB', () => {
    fc.assert(
      fc.property(objectSize, wantedSize, (size, wanted) => {
        const partSize = partSizeFor(size, wanted);
        expect(partSize).toBeGreaterThanOrEqual(wanted);
        expect(partSize).toBeLessThanOrEqual(S3Limits.maxPartBytes);
        expect(size).toBeLessThanOrEqual(partSize * S3Limits.maxParts);
        if (partSize !== wanted) expect(size).toBeGreaterThan((partSize - MiB) * S3Limits.maxParts);
      }),
    );
  });
});

describe('planParts', () => {
  it.each([
    { size: 1, parts: 1, why: 'one byte is a part' },
    { size: 5 * MiB, parts: 1, why: 'an exact fit has no empty tail' },
    { size: 5 * MiB + 1, parts: 2, why: 'one byte over opens a second part' },
    { size: 10 * MiB, parts: 2, why: 'two exact parts' },
    { size: 50_000 * MiB, parts: 10_000, why: 'the most parts' },
  ])('$why ($size bytes -> $parts parts)', ({ size, parts }) => {
    expect(planParts(size, 5 * MiB)).toHaveLength(parts);
  });

  it('numbers the parts from 1 and gives ranges as HTTP has them', () => {
    expect(planParts(12 * MiB, 5 * MiB)).toEqual([
      { number: 1, start: 0, end: 5 * MiB - 1 },
      { number: 2, start: 5 * MiB, end: 10 * MiB - 1 },
      { number: 3, start: 10 * MiB, end: 12 * MiB - 1 },
    ]);
  });

  it('covers every byte once, within the limits of S3', () => {
    fc.assert(
      fc.property(objectSize, wantedSize, (size, wanted) => {
        const parts = planParts(size, partSizeFor(size, wanted));
        let next = 0;
        for (const [index, part] of parts.entries()) {
          if (part.number !== index + 1 || part.start !== next)
            throw new Error(`part ${index + 1} of ${size}`);
          next = part.end + 1;
        }
        expect(next).toBe(size);
        expect(parts.length).toBeLessThanOrEqual(S3Limits.maxParts);
        const [last, ...others] = [...parts].reverse().map(partBytes);
        expect(last).toBeGreaterThanOrEqual(1);
        expect(Math.min(...others, S3Limits.minPartBytes)).toBe(S3Limits.minPartBytes);
        expect(Math.max(...others, last ?? 0)).toBeLessThanOrEqual(S3Limits.maxPartBytes);
      }),
      { numRuns: 50 },
    );
  });
});

describe('kindOf', () => {
  it.each([
    { size: 0, etag: plain, kind: 'simple', why: 'an empty object' },
    { size: 0, etag: `${plain}-1`, kind: 'simple', why: 'an empty upload' },
    {
      size: 64 * MiB,
      etag: `${plain}-8`,
      kind: 'simple',
      why: 'an upload of at most one part, whatever its ETag',
    },
    { size: 64 * MiB + 1, etag: `${plain}-8`, kind: 'multipart', why: 'an upload of more than one part' },
    { size: 64 * MiB + 1, etag: plain, kind: 'simple', why: 'an object that was put whole' },
    { size: 5 * GiB, etag: plain, kind: 'simple', why: 'the largest that one CopyObject copies' },
    { size: 5 * GiB + 1, etag: plain, kind: 'multipart', why: 'one byte beyond that' },
    { size: 5 * GiB + 1, etag: 'opaque', kind: 'multipart', why: 'whatever its ETag' },
    { size: 5 * GiB, etag: 'opaque', kind: 'simple', why: 'an ETag that tells nothing' },
  ])('$kind: $why', ({ size, etag, kind }) => {
    expect(objectKind({ size, etag }, { bytes: 64 * MiB, likeSource: 'never' })).toBe(kind);
  });

  it.each([
    [5 * GiB, 'simple'],
    [5 * GiB + 1, 'multipart'],
  ])('with parts of 5 GiB an upload of %i bytes is %s', (size, kind) => {
    expect(objectKind({ size, etag: `${plain}-2` }, { bytes: 5 * GiB, likeSource: 'never' })).toBe(kind);
  });

  it.each([
    ['an upload of several parts', 6 * MiB, `${plain}-2`, 'multipart'],
    ['an upload of one part', 6 * MiB, `${plain}-1`, 'simple'],
    ['an object that was put whole', 64 * MiB + 1, plain, 'simple'],
  ])('with the parts of the source, %s is copied as it was made', (_, size, etag, kind) => {
    expect(objectKind({ size, etag }, { bytes: 64 * MiB, likeSource: 'always' })).toBe(kind);
  });
});

describe('countPlannedParts', () => {
  it.each([
    { size: 6 * MiB, etag: plain, like: 'never', parts: 0, why: 'a simple object' },
    { size: 20 * MiB, etag: `${plain}-2`, like: 'never', parts: 4, why: 'parts of the wanted size' },
    { size: 21 * MiB, etag: `${plain}-2`, like: 'always', parts: 2, why: 'parts like the source' },
    { size: 20 * MiB, etag: `${plain}-2`, like: 'unproven', parts: 2, why: 'perhaps parts like the source' },
    { size: 6 * GiB, etag: plain, like: 'always', parts: 1229, why: 'a source without parts' },
    { size: 1 * TiB, etag: `${plain}-2`, like: 'never', parts: 10_000, why: 'parts that grow' },
  ] as const)('$parts: $why', ({ size, etag, like, parts }) => {
    expect(countPlannedParts({ size, etag }, { bytes: 5 * MiB, likeSource: like })).toBe(parts);
  });
});

describe('sizesOf', () => {
  it.each([
    { bytes: [5 * MiB, 5 * MiB, 1], sizes: 5 * MiB, why: 'all alike but for a smaller last' },
    { bytes: [5 * MiB, 5 * MiB], sizes: 5 * MiB, why: 'all alike' },
    { bytes: [3], sizes: 3, why: 'one part of any size' },
    {
      bytes: [5 * MiB, 6 * MiB],
      sizes: [
        [5 * MiB, 1],
        [6 * MiB, 1],
      ],
      why: 'a larger last',
    },
    {
      bytes: [6 * MiB, 6 * MiB, 5 * MiB, 6 * MiB, 2],
      sizes: [
        [6 * MiB, 2],
        [5 * MiB, 1],
        [6 * MiB, 1],
        [2, 1],
      ],
      why: 'another in the middle',
    },
  ])('tells in the shortest form what planParts needs: $why', ({ bytes, sizes }) => {
    expect(compactSizes(bytes)).toEqual(sizes);
    const size = bytes.reduce((sum, one) => sum + one, 0);
    expect(planParts(size, compactSizes(bytes) ?? 0).map(partBytes)).toEqual(bytes);
    expect(planParts(size, compactSizes(bytes) ?? 0)[1]?.start).toBe(bytes.length > 1 ? bytes[0] : undefined);
  });

  it.each([
    { bytes: [], why: 'no part' },
    { bytes: [5 * MiB - 1, 5 * MiB], why: 'one below the least size that is not the last' },
    { bytes: [5 * GiB + 1], why: 'one above the largest' },
    { bytes: [5 * MiB, 0], why: 'an empty one' },
    { bytes: Array<number>(10_001).fill(5 * MiB), why: 'too many' },
  ])('knows what S3 would not take: $why', ({ bytes }) => {
    expect(compactSizes(bytes)).toBeUndefined();
  });
});

describe('partRule', () => {
  it.each([
    ['source', 'staged', true, { bytes: 64 * MiB, likeSource: 'always' }],
    ['source', 'direct', true, { bytes: 64 * MiB, likeSource: 'always' }],
    [64 * MiB, 'staged', false, { bytes: 64 * MiB, likeSource: 'never' }],
    [64 * MiB, 'direct', true, { bytes: 64 * MiB, likeSource: 'never' }],
    [64 * MiB, 'direct', false, { bytes: 64 * MiB, likeSource: 'unproven' }],
  ] as const)('of %s, %s, named: %s', (partSize, strategy, isNamed, rule) => {
    expect(partRule({ partSize, strategy }, isNamed)).toEqual(rule);
  });
});

describe('part groups', () => {
  it.each([
    [1, 1],
    [39, 39],
    [40, 40],
    [41, 40],
    [10_000, 40],
  ])('of %i parts are %i, since the history of a workflow has its limit', (parts, groups) => {
    expect(groupsFor(parts)).toBe(groups);
    expect(maxPartGroups).toBe(40);
  });

  it('are a partition of the parts in their order, of sizes that differ by one at most', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2_000 }), (count) => {
        const parts = planParts(count, 1);
        const groups = Array.from({ length: groupsFor(count) }, (_, group) => partsInGroup(parts, group));
        expect(groups.flat()).toEqual(parts);
        const sizes = groups.map(({ length }) => length);
        expect(Math.min(...sizes)).toBeGreaterThanOrEqual(1);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      }),
      { numRuns: 60 },
    );
  });
});
