import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteSize, formatBytes } from '../../../core/model/byte-size.ts';

describe('ByteSize', () => {
  it.each<[number | string, number, string]>([
    [0, 0, 'nothing is a size'],
    [5, 5, 'a number is bytes'],
    ['5', 5, 'digits are bytes, as a shell passes them'],
    ['5B', 5, 'the unit may be said'],
    ['1KiB', 1_024, 'units are binary'],
    ['64MiB', 67_108_864, 'the default part size'],
    ['64 MiB', 67_108_864, 'one blank before the unit is how people write'],
    ['1GiB', 1_073_741_824, 'a gibibyte'],
    ['50TiB', 54_975_581_388_800, 'more than the largest object'],
    ['1.5GiB', 1_610_612_736, 'a fraction of a unit'],
    ['0.3KiB', 307, 'a fraction of a byte is cut off'],
    [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, 'the largest number that is exact'],
  ])('reads %j as %i bytes: %s', (text, bytes) => {
    expect(ByteSize.parse(text)).toBe(bytes);
  });

  it.each<[unknown, string]>([
    ['64MB', 'decimal units mean something else to everybody'],
    ['64M', 'a unit has its full name'],
    ['64mib', 'a unit is written as it is'],
    ['64KB', 'no kilobytes'],
    ['1PiB', 'no object is that large'],
    ['', 'nothing is no size'],
    ['MiB', 'a unit needs a number'],
    ['-1', 'no size is negative'],
    ['-1MiB', 'nor with a unit'],
    ['1.5', 'a fraction of a byte is none'],
    ['1e3', 'no exponents'],
    ['0x10', 'no hexadecimal digits'],
    [' 5', 'no blanks around'],
    ['5 ', 'no blanks around'],
    ['5  MiB', 'one blank is enough'],
    ['1,000', 'no separators'],
    ['.5MiB', 'a fraction has its whole part'],
    ['٣', 'no digits of other scripts'],
    ['9007199254740992', 'beyond what a number holds exactly'],
    ['99999TiB', 'beyond what a number holds exactly'],
    [-1, 'no size is negative'],
    [1.5, 'bytes are whole'],
    [Number.NaN, 'not a number'],
    [Number.POSITIVE_INFINITY, 'no bound'],
    [null, 'null'],
    [true, 'a boolean'],
    [['5'], 'a list'],
  ])('refuses %j: %s', (value) => {
    const result = ByteSize.safeParse(value);
    expect(result.error?.issues.map(({ message }) => message)).toEqual([
      'must be a whole number of bytes, or a number with a binary unit such as "64MiB" or "1.5GiB"',
    ]);
  });

  it('reads every whole number of bytes as itself, as a number and as text', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (bytes) => {
        expect(ByteSize.parse(bytes)).toBe(bytes);
        expect(ByteSize.parse(String(bytes))).toBe(bytes);
        expect(ByteSize.parse(`${bytes}B`)).toBe(bytes);
      }),
    );
  });
});

describe('formatBytes', () => {
  it.each([
    [0, '0 B'],
    [1, '1 B'],
    [1_023, '1023 B'],
    [1_024, '1.0 KiB'],
    [1_536, '1.5 KiB'],
    [99 * 1_024, '99.0 KiB'],
    [100 * 1_024, '100 KiB'],
    [102_350, '100 KiB'],
    [1_048_064, '1.0 MiB'],
    [1_048_063, '1023 KiB'],
    [3_250_586, '3.1 MiB'],
    [67_108_864, '64.0 MiB'],
    [1_073_741_824, '1.0 GiB'],
    [53_660_000_000_000, '48.8 TiB'],
    [2 ** 60, '1024 PiB'],
  ])('writes %i as %s, which a person takes in at once', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  it('never writes 1,024 of a unit, which is one of the next', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1_024, max: 2 ** 50 - 1 }), (bytes) => {
        const value = Number(formatBytes(bytes).split(' ')[0]);
        expect(value).toBeGreaterThanOrEqual(1);
        expect(value).toBeLessThan(1024);
      }),
    );
  });
});
