import * as z from 'zod';
import type { Checksum } from './compare.ts';

/**
 * Checksums that S3 keeps of a whole multipart object: CRCs, which can be combined from those of the parts.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html (read 2026-11-22)
 */
export const wholeAlgorithms = ['CRC64NVME', 'CRC32', 'CRC32C'] as const;
export type WholeAlgorithm = (typeof wholeAlgorithms)[number];

/**
 * All checksum algorithms of S3, the preferred one first. An object of one request has any of them as the checksum of
 * the whole (`FULL_OBJECT`). For a multipart object, those that are not CRCs are made from the checksums of the parts
 * (`COMPOSITE`).
 */
export const checksumAlgorithms = [
  ...wholeAlgorithms,
  'SHA512',
  'SHA256',
  'SHA1',
  'MD5',
  'XXHASH128',
  'XXHASH3',
  'XXHASH64',
] as const;
export type ChecksumAlgorithm = (typeof checksumAlgorithms)[number];

/** A checksum of all bytes of an object, however it was uploaded. The value is base64, as S3 writes it. */
export const WholeChecksum = z.strictObject({ algorithm: z.enum(wholeAlgorithms), value: z.string() });
export type WholeChecksum = z.infer<typeof WholeChecksum>;

/** The checksum of the whole object, if it has one that a multipart copy can have too. */
export function wholeChecksum(checksums: readonly Checksum[]): WholeChecksum | undefined {
  for (const algorithm of wholeAlgorithms) {
    const found = checksums.find((one) => one.algorithm === algorithm && one.type === 'FULL_OBJECT');
    if (found !== undefined) return { algorithm, value: found.value };
  }
  return undefined;
}

/** A checksum of the whole that both have: whether it is the same, or undefined when they have none in common. */
export function compareWhole(
  a: readonly Checksum[],
  b: readonly Checksum[],
): { readonly isSame: boolean; readonly algorithm: string; readonly value: string } | undefined {
  for (const { algorithm, type, value } of a) {
    const other = b.find((one) => one.algorithm === algorithm && one.type === type);
    if (type === 'FULL_OBJECT' && other !== undefined) {
      return { isSame: other.value === value, algorithm, value };
    }
  }
  return undefined;
}

/** Reflected, so that the highest bit is x^0. */
const polynomials = {
  CRC32: { bits: 32n, reflected: 0xedb88320n },
  CRC32C: { bits: 32n, reflected: 0x82f63b78n },
  CRC64NVME: { bits: 64n, reflected: 0x9a6c9329ac4bc9b5n },
} as const;

/** a * b modulo the polynomial, over GF(2). */
function multiply(algorithm: WholeAlgorithm, a: bigint, b: bigint): bigint {
  const { bits, reflected } = polynomials[algorithm];
  let product = 0n;
  let power = b;
  for (let bit = 1n << (bits - 1n); bit !== 0n; bit >>= 1n) {
    if ((a & bit) !== 0n) product ^= power;
    power = (power & 1n) === 0n ? power >> 1n : (power >> 1n) ^ reflected;
  }
  return product;
}

/** x^(8 * bytes) modulo the polynomial: what a CRC is multiplied by when so many bytes follow. */
function shift(algorithm: WholeAlgorithm, bytes: number): bigint {
  const one = 1n << (polynomials[algorithm].bits - 1n);
  let factor = one;
  let square = one >> 8n;
  for (let rest = BigInt(bytes); rest !== 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) factor = multiply(algorithm, factor, square);
    square = multiply(algorithm, square, square);
  }
  return factor;
}

const fromBase64 = (text: string): bigint =>
  Array.from(atob(text)).reduce((number, byte) => (number << 8n) | BigInt(byte.charCodeAt(0)), 0n);

const toBase64 = (number: bigint, bits: bigint): string => {
  const bytes = Array.from({ length: Number(bits / 8n) }, (_, index) =>
    Number((number >> (bits - 8n * BigInt(index + 1))) & 0xffn),
  );
  return btoa(String.fromCharCode(...bytes));
};

/**
 * The CRC of an object from those of its parts, without their bytes: that of what comes before is multiplied by
 * x^(8n), n being the length of a part, and the part's is added.
 *
 * @param parts in order; values in base64, sizes in bytes
 * @see https://github.com/madler/zlib/blob/develop/crc32.c (`crc32_combine_op`; read 2026-11-22)
 */
export function combineChecksums(
  algorithm: WholeAlgorithm,
  parts: readonly { readonly value: string; readonly size: number }[],
): string {
  const shifts = new Map<number, bigint>();
  let whole = 0n;
  for (const { value, size } of parts) {
    const factor = shifts.get(size) ?? shift(algorithm, size);
    shifts.set(size, factor);
    whole = multiply(algorithm, factor, whole) ^ fromBase64(value);
  }
  return toBase64(whole, polynomials[algorithm].bits);
}
