/**
 * Joins the CRCs of two neighbouring pieces without their bytes: the first is multiplied by x^(8n) modulo the
 * polynomial, n being the length of the second, and the two are added.
 *
 * @see https://github.com/madler/zlib/blob/develop/crc32.c (`crc32_combine_op`; read 2026-11-22)
 */
const polynomials = {
  CRC32: { bits: 32n, reflected: 0xedb88320n },
  CRC32C: { bits: 32n, reflected: 0x82f63b78n },
  CRC64NVME: { bits: 64n, reflected: 0x9a6c9329ac4bc9b5n },
} as const;

/** Checksums that S3 can compute for a whole multipart object from those of its parts. */
export type CrcAlgorithm = keyof typeof polynomials;

/** a * b modulo the polynomial; reflected, so that the highest bit is x^0. */
function multiply(algorithm: CrcAlgorithm, a: bigint, b: bigint): bigint {
  const { bits, reflected } = polynomials[algorithm];
  let product = 0n;
  let power = b;
  for (let bit = 1n << (bits - 1n); bit !== 0n; bit >>= 1n) {
    if (a & bit) product ^= power;
    power = power & 1n ? (power >> 1n) ^ reflected : power >> 1n;
  }
  return product;
}

/** Parts of one object mostly share a length: the last few factors are kept. */
const factors = new Map<string, bigint>();

function shiftFactor(algorithm: CrcAlgorithm, bytes: number): bigint {
  const name = `${algorithm} ${bytes}`;
  const known = factors.get(name);
  if (known !== undefined) return known;
  const top = 1n << (polynomials[algorithm].bits - 1n);
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

/** The CRC (base64, as S3 writes it) of pieces in order, from the CRC and the length in bytes of each. */
export function combineCrcs(
  algorithm: CrcAlgorithm,
  pieces: Iterable<{ value: string; size: number }>,
): string {
  let crc = 0n;
  for (const { value, size } of pieces) {
    const piece = BigInt(`0x${Buffer.from(value, 'base64').toString('hex')}`);
    crc = multiply(algorithm, shiftFactor(algorithm, size), crc) ^ piece;
  }
  const digits = Number(polynomials[algorithm].bits / 4n);
  return Buffer.from(crc.toString(16).padStart(digits, '0'), 'hex').toString('base64');
}
