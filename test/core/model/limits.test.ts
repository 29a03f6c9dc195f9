import { describe, expect, it } from 'vitest';
import { GiB, KiB, MiB, S3Limits, TiB } from '../../../core/model/limits.ts';

describe('limits', () => {
  it.each([
    ['KiB', KiB, 1_024],
    ['MiB', MiB, 1_048_576],
    ['GiB', GiB, 1_073_741_824],
    ['TiB', TiB, 1_099_511_627_776],
  ])('states %s in bytes, so that no digit slips', (_name, unit, bytes) => {
    expect(unit).toBe(bytes);
  });

  it('states what S3 takes in bytes', () => {
    expect(S3Limits).toEqual({
      minPartBytes: 5_242_880,
      maxPartBytes: 5_368_709_120,
      maxParts: 10_000,
      maxCopyObjectBytes: 5_368_709_120,
      maxKeyBytes: 1_024,
    });
  });
});
