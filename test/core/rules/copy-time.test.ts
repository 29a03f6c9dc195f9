import { describe, expect, it } from 'vitest';
import { GiB, MiB } from '../../../core/model/limits.ts';
import { copyMillis } from '../../../core/rules/copy-time.ts';

describe('the time that a copy is given', () => {
  it.each([
    [0, 500, 'an empty object takes a request'],
    [20 * MiB, 1_500, 'a second for 20 MiB'],
    [5 * GiB, 256_500, 'the largest fits into a Lambda of 900 s three times'],
  ])('of %i bytes is %i ms: %s', (bytes, millis) => {
    expect(copyMillis(bytes)).toBe(millis);
  });
});
