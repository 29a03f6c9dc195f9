/**
 * The polynomials of the CRCs that S3 accepts.
 *
 * @see https://reveng.sourceforge.io/crc-catalogue/all.htm (read 2026-11-22)
 */
export const crcPolynomials = {
  CRC32: { bits: 32n, reflected: 0xedb88320n },
  CRC32C: { bits: 32n, reflected: 0x82f63b78n },
  CRC64NVME: { bits: 64n, reflected: 0x9a6c9329ac4bc9b5n },
} as const;

/** Checksums that S3 can compute for a whole multipart object from those of its parts. */
export type CrcAlgorithm = keyof typeof crcPolynomials;

/** Multiplies a and b modulo the polynomial. Bits are reflected: the highest one is x^0. */
function multiply(algorithm: CrcAlgorithm, a: bigint, b: bigint): bigint {
  const { bits, reflected } = crcPolynomials[algorithm];
  let product = 0n;
  let power = b;
  for (let bit = 1n << (bits - 1n); bit !== 0n; bit >>= 1n) {
    if (a & bit) product ^= power;
    power = power & 1n ? (power >> 1n) ^ reflected : power >> 1n;
  }
  return product;
}

/** Factors by algorithm and length. Most parts of an object have the same length, so they are computed once. */
const factors = new Map<string, bigint>();

function shiftFactor(algorithm: CrcAlgorithm, bytes: number): bigint {
  const name = `${algorithm} ${bytes}`;
  const known = factors.get(name);
  if (known !== undefined) return known;
  const top = 1n << (crcPolynomials[algorithm].bits - 1n);
  let factor = top;
  let square = top >> 8n; // x^8: one byte
  for (let rest = BigInt(bytes); rest !== 0n; rest >>= 1n) {
    if (rest & 1n) factor = multiply(algorithm, factor, square);
    square = multiply(algorithm, square, square);
  }
  if (factors.size > 100) factors.clear();
  factors.set(name, factor);
  return factor;
}

/**
 * Combines the CRCs of pieces into the CRC of all their bytes, without reading the bytes. For each piece, the CRC so far
 * is multiplied by x^(8n) modulo the polynomial, where n is the length of the piece in bytes, and the piece's CRC is added.
 *
 * @param pieces in order, each with its CRC in base64 and its length in bytes
 * @returns base64, as S3 writes it
 * @see https://github.com/madler/zlib/blob/develop/crc32.c (`crc32_combine_op`; read 2026-11-22)
 */
export function combineCrcs(
  algorithm: CrcAlgorithm,
  pieces: Iterable<{ value: string; size: number }>,
): string {
  let crc = 0n;
  for (const { value, size } of pieces) {
    const piece = BigInt(`0x${Buffer.from(value, 'base64').toString('hex')}`);
    crc = multiply(algorithm, shiftFactor(algorithm, size), crc) ^ piece;
  }
  const digits = Number(crcPolynomials[algorithm].bits / 4n);
  return Buffer.from(crc.toString(16).padStart(digits, '0'), 'hex').toString('base64');
}
