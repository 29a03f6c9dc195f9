/** CRC-32C (Castagnoli), reflected. */
const polynomial = 0x82f63b78;

/** `tables[n][b]`: byte `b` followed by `n` zero bytes; four of them let a step take four bytes. */
const tables = makeTables();

function makeTables(): readonly [Uint32Array, Uint32Array, Uint32Array, Uint32Array] {
  const [t0, t1, t2, t3] = [0, 1, 2, 3].map(() => new Uint32Array(256)) as [
    Uint32Array,
    Uint32Array,
    Uint32Array,
    Uint32Array,
  ];
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1;
    t0[byte] = crc;
  }
  const next = (crc: number): number => (crc >>> 8) ^ (t0[crc & 0xff] as number);
  for (let byte = 0; byte < 256; byte++) {
    t1[byte] = next(t0[byte] as number);
    t2[byte] = next(t1[byte] as number);
    t3[byte] = next(t2[byte] as number);
  }
  return [t0, t1, t2, t3];
}

/** Continues a CRC-32C over more bytes; start with 0. Like `zlib.crc32`. */
export function crc32c(data: Uint8Array, value = 0): number {
  const [t0, t1, t2, t3] = tables;
  const whole = data.length - (data.length % 4);
  let crc = ~value;
  let i = 0;
  for (; i < whole; i += 4) {
    crc ^=
      (data[i] as number) |
      ((data[i + 1] as number) << 8) |
      ((data[i + 2] as number) << 16) |
      ((data[i + 3] as number) << 24);
    crc =
      (t3[crc & 0xff] as number) ^
      (t2[(crc >>> 8) & 0xff] as number) ^
      (t1[(crc >>> 16) & 0xff] as number) ^
      (t0[crc >>> 24] as number);
  }
  for (; i < data.length; i++) crc = (crc >>> 8) ^ (t0[(crc ^ (data[i] as number)) & 0xff] as number);
  return ~crc >>> 0;
}
