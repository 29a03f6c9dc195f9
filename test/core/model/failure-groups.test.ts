import { describe, expect, it } from 'vitest';
import { countFailure, FailureGroup } from '../../../core/model/failure-groups.ts';

const many = (count: number) => Array.from({ length: count }, (_, n) => n);

describe('failures by reason', () => {
  it('count all objects of a reason and keep the first ones as samples', () => {
    const groups = many(8).reduce<FailureGroup[]>(
      (before, n) =>
        countFailure(before, n < 7 ? 'failed' : 'missing', n < 7 ? 'E' : undefined, { sourceKey: `k${n}` }),
      [],
    );

    expect(groups).toEqual([
      { status: 'failed', reason: 'E', objects: 7, samples: many(5).map((n) => ({ sourceKey: `k${n}` })) },
      { status: 'missing', objects: 1, samples: [{ sourceKey: 'k7' }] },
    ]);
    for (const group of groups) expect(FailureGroup.parse(group)).toEqual(group);
  });

  it('stay few, however many names of errors a server has, and count every object', () => {
    const groups = many(1_000).reduce<FailureGroup[]>(
      (before, n) =>
        countFailure(before, 'failed', `E${n % 100}`, { sourceKey: 'k', message: 'x'.repeat(50_000) }),
      [],
    );

    expect(groups).toHaveLength(51);
    expect(groups.reduce((sum, { objects }) => sum + objects, 0)).toBe(1_000);
    expect(groups.at(-1)).toMatchObject({ status: 'failed', objects: 500 });
    expect(groups.at(-1)).not.toHaveProperty('reason');
    expect(groups[0]?.samples[0]?.message).toHaveLength(4_000);
  });
});
