import { ChecksumAlgorithm } from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  checksumAlgorithms,
  combineChecksums,
  compareWhole,
  type WholeAlgorithm,
  wholeAlgorithms,
  wholeChecksum,
} from '../../../core/rules/checksums.ts';
import type { Checksum } from '../../../core/rules/compare.ts';

/** @see https://reveng.sourceforge.io/crc-catalogue/all.htm (read 2026-11-22): polynomials and check values */
const catalogue = {
  CRC32: { bits: 32n, reflected: 0xedb88320n, check: 'cbf43926' },
  CRC32C: { bits: 32n, reflected: 0x82f63b78n, check: 'e3069283' },
  CRC64NVME: { bits: 64n, reflected: 0x9a6c9329ac4bc9b5n, check: 'ae8b14860a799888' },
} as const;

/** Bit by bit, as the catalogue defines it; base64 as S3 writes it. */
function crc(algorithm: WholeAlgorithm, bytes: Uint8Array): string {
  const { bits, reflected } = catalogue[algorithm];
  const ones = (1n << bits) - 1n;
  let value = ones;
  for (const byte of bytes) {
    value ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit += 1) value = value & 1n ? (value >> 1n) ^ reflected : value >> 1n;
  }
  const hex = (value ^ ones).toString(16).padStart(Number(bits) / 4, '0');
  return Buffer.from(hex, 'hex').toString('base64');
}

const checksumOfPart = (algorithm: WholeAlgorithm, bytes: Uint8Array) => ({
  value: crc(algorithm, bytes),
  size: bytes.length,
});

it('every algorithm that the SDK of S3 names is read', () => {
  expect([...checksumAlgorithms].sort()).toEqual(Object.values(ChecksumAlgorithm).sort());
});

describe.each(wholeAlgorithms)('%s', (algorithm) => {
  it('of the catalogue is combined from its digits', () => {
    const digits = Array.from('123456789', (digit) => checksumOfPart(algorithm, Buffer.from(digit)));
    const hex = Buffer.from(combineChecksums(algorithm, digits), 'base64').toString('hex');
    expect(hex).toBe(catalogue[algorithm].check);
  });

  it('of any parts is that of the whole', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 6 }), (parts) => {
        const whole = crc(algorithm, Buffer.concat(parts));
        expect(
          combineChecksums(
            algorithm,
            parts.map((part) => checksumOfPart(algorithm, part)),
          ),
        ).toBe(whole);
      }),
      { numRuns: 60 },
    );
  });

  it('depends on the order of the parts', () => {
    const [a, b] = [
      checksumOfPart(algorithm, Buffer.from('a')),
      checksumOfPart(algorithm, Buffer.from('bc')),
    ];
    expect(combineChecksums(algorithm, [a, b])).not.toBe(combineChecksums(algorithm, [b, a]));
  });

  it('of the largest object is as quickly combined as of a small one', () => {
    const part = { value: crc(algorithm, Buffer.from('x')), size: 5 * 1024 ** 3 };
    expect(combineChecksums(algorithm, Array(10_000).fill(part))).toMatch(/^[A-Za-z0-9+/]+=*$/);
  });
});

const full = (algorithm: string, value = 'AAAA'): Checksum => ({ algorithm, type: 'FULL_OBJECT', value });
const composite = (algorithm: string): Checksum => ({ algorithm, type: 'COMPOSITE', value: 'AAAA-2' });

describe('the checksum of a whole object', () => {
  it.each([
    { checksums: [], why: 'an object of before 2025 may have none' },
    { checksums: [composite('CRC32')], why: 'a composite one depends on the parts' },
    { checksums: [full('SHA256')], why: 'a copy in parts cannot have it' },
  ])('is unknown: $why', ({ checksums }) => {
    expect(wholeChecksum(checksums)).toBeUndefined();
  });

  it.each(wholeAlgorithms)('may be a %s', (algorithm) => {
    expect(wholeChecksum([composite('SHA256'), full(algorithm, 'v')])).toEqual({ algorithm, value: 'v' });
  });
});

describe('two checksums', () => {
  it.each([
    { a: full('SHA256', 'x'), b: full('SHA256', 'x'), isSame: true },
    { a: full('SHA256', 'x'), b: full('SHA256', 'y'), isSame: false },
  ])('of one algorithm and the whole object tell whether it is the same: $isSame', ({ a, b, isSame }) => {
    expect(compareWhole([composite('CRC32'), a], [composite('CRC32'), b])).toEqual({
      isSame,
      algorithm: 'SHA256',
      value: 'x',
    });
  });

  it.each([
    { a: full('CRC32'), b: full('CRC32C'), why: 'other algorithms' },
    { a: composite('CRC32'), b: composite('CRC32'), why: 'of the parts only' },
    { a: full('CRC32'), b: composite('CRC32'), why: 'one of the parts' },
  ])('tell nothing: $why', ({ a, b }) => {
    expect(compareWhole([a], [b])).toBeUndefined();
  });
});
