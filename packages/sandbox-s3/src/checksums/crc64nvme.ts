/**
 * CRC-64/NVME, reflected: the checksum S3 adds to every object.
 *
 * @see https://reveng.sourceforge.io/crc-catalogue/17plus.htm#crc.cat.crc-64-nvme (read 2026-11-22)
 */
const polynomial = { high: 0x9a6c9329, low: 0xac4bc9b5 };

/** `high[n * 256 + b]`, `low[…]`: byte `b` followed by `n` zero bytes; eight let a step take eight bytes. */
const high = new Int32Array(8 * 256);
const low = new Int32Array(8 * 256);

function fillFirstTable(): void {
  for (let byte = 0; byte < 256; byte++) {
    let h = 0;
    let l = byte;
    for (let bit = 0; bit < 8; bit++) {
      const odd = l & 1;
      l = (l >>> 1) | (h << 31);
      h >>>= 1;
      if (odd) {
        h ^= polynomial.high;
        l ^= polynomial.low;
      }
    }
    high[byte] = h;
    low[byte] = l;
  }
}

function fillOtherTables(): void {
  for (let at = 256; at < high.length; at++) {
    const h = high[at - 256] as number;
    const l = low[at - 256] as number;
    const index = l & 0xff;
    low[at] = ((l >>> 8) | (h << 24)) ^ (low[index] as number);
    high[at] = (h >>> 8) ^ (high[index] as number);
  }
}

fillFirstTable();
fillOtherTables();

/** A running CRC-64/NVME. */
export class Crc64Nvme {
  #high = -1;
  #low = -1;

  /** Adds bytes, eight at a time. */
  update(data: Uint8Array): this {
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    const whole = data.length - (data.length % 8);
    for (let i = 0; i < whole; i += 8) this.#step(view.getInt32(i, true), view.getInt32(i + 4, true));
    for (let i = whole; i < data.length; i++) this.#stepByte(data[i] as number);
    return this;
  }

  #step(first: number, second: number): void {
    const l = this.#low ^ first;
    const h = this.#high ^ second;
    const a = 1792 + (l & 0xff);
    const b = 1536 + ((l >>> 8) & 0xff);
    const c = 1280 + ((l >>> 16) & 0xff);
    const d = 1024 + (l >>> 24);
    const e = 768 + (h & 0xff);
    const f = 512 + ((h >>> 8) & 0xff);
    const g = 256 + ((h >>> 16) & 0xff);
    const k = h >>> 24;
    this.#low = fold(low, a, b, c, d) ^ fold(low, e, f, g, k);
    this.#high = fold(high, a, b, c, d) ^ fold(high, e, f, g, k);
  }

  #stepByte(byte: number): void {
    const index = (this.#low ^ byte) & 0xff;
    this.#low = ((this.#low >>> 8) | (this.#high << 24)) ^ (low[index] as number);
    this.#high = (this.#high >>> 8) ^ (high[index] as number);
  }

  /** The value so far, eight bytes, most significant first. */
  digest(): Buffer {
    const out = Buffer.alloc(8);
    out.writeInt32BE(~this.#high, 0);
    out.writeInt32BE(~this.#low, 4);
    return out;
  }
}

function fold(table: Int32Array, a: number, b: number, c: number, d: number): number {
  return (table[a] as number) ^ (table[b] as number) ^ (table[c] as number) ^ (table[d] as number);
}
