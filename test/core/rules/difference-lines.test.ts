import { describe, expect, it } from 'vitest';
import type { PlanLine } from '../../../core/model/plan.ts';
import { differenceLine, differenceSymbol } from '../../../core/rules/difference-lines.ts';

const key = 'k';
const target = 't';
const size = 1;
const copy = { action: 'copy', map: 'objects', key, target, size, etag: 'e', reason: 'new' } as const;

describe('differenceSymbol', () => {
  it.each<[PlanLine, string | undefined, string]>([
    [{ action: 'same', key, size, reason: 'etag' }, '=', 'the same at both ends'],
    [{ action: 'extra', key, target, size, etag: 'e' }, '-', 'missing in the source'],
    [copy, '+', 'missing at the destination'],
    [{ ...copy, reason: 'size', seen: 'x' }, '*', 'different'],
    [{ ...copy, reason: 'denied' }, '!', 'not to be told'],
    [{ action: 'refused', key, target, size, reason: 'key-too-long' }, '!', 'in the way'],
    [{ action: 'missing', key }, '!', 'named and not there'],
    [{ action: 'filtered', key, size, reason: 'excluded' }, undefined, 'left out'],
  ])('of %j is %s: %s', (line, symbol) => {
    expect(differenceSymbol(line)).toBe(symbol);
  });
});

describe('differenceLine', () => {
  it.each([
    ['a b', '= a b\n'],
    ['a\nb', '= "a\\nb"\n'],
    ['"a"', '= "\\"a\\""\n'],
    ['.', '= .\n'],
  ])('of %j is one line', (relativeKey, line) => {
    expect(differenceLine('=', relativeKey)).toBe(line);
  });
});
