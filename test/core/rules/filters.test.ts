import { describe, expect, it } from 'vitest';
import { makeFilter } from '../../../core/rules/filters.ts';

describe('makeFilter', () => {
  it.each<[string[], string[], string, string | undefined, string]>([
    [[], [], 'a', undefined, 'without filters every key passes'],
    [['a*'], [], 'ab', undefined, 'what is included passes'],
    [['a*', 'b*'], [], 'ba', undefined, 'one of them is enough'],
    [['a*'], [], 'b', 'not-included', 'and nothing else'],
    [[], ['a*'], 'ab', 'excluded', 'what is excluded does not'],
    [[], ['x', 'a*'], 'ab', 'excluded', 'one of them is enough'],
    [[], ['a*'], 'b', undefined, 'and everything else does'],
    [['a*'], ['*b'], 'ab', 'excluded', 'exclude wins'],
    [['a*'], ['b*'], 'b', 'excluded', 'and says so first'],
  ])('include %j, exclude %j: %s is %s (%s)', (include, exclude, key, reason) => {
    expect(makeFilter({ include, exclude })(key)).toBe(reason);
  });
});
