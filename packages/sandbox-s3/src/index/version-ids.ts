import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** Bytes: the place in the order of writes, chance, and a checksum of both. */
const layout = { sequence: 6, random: 14, checksum: 4 } as const;
const checked = layout.sequence + layout.random;

function masked(bytes: Buffer, random: Buffer): Buffer {
  return Buffer.from(bytes.map((byte, index) => byte ^ (random[index] ?? 0)));
}

function checksumOf(bytes: Buffer): Buffer {
  const out = Buffer.alloc(layout.checksum);
  out.writeUInt32BE(crc32(bytes));
  return out;
}

/**
 * Makes an opaque version id that tells its place in the order of writes: a listing has to go on behind a version that
 * was deleted since.
 */
export function makeVersionId(sequence: number): string {
  const place = Buffer.alloc(layout.sequence);
  place.writeUIntBE(sequence, 0, layout.sequence);
  const random = randomBytes(layout.random);
  const body = Buffer.concat([masked(place, random), random]);
  return Buffer.concat([body, checksumOf(body)]).toString('base64url');
}

/** The place in the order of writes that a version id tells; undefined for what is no id of a version. */
export function sequenceOfVersionId(id: string): number | undefined {
  const bytes = Buffer.from(id, 'base64url');
  if (bytes.length !== checked + layout.checksum || bytes.toString('base64url') !== id) return undefined;
  const body = bytes.subarray(0, checked);
  if (!checksumOf(body).equals(bytes.subarray(checked))) return undefined;
  const place = masked(body.subarray(0, layout.sequence), body.subarray(layout.sequence));
  return place.readUIntBE(0, layout.sequence);
}
