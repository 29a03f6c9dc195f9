import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** Bytes: the sequenceBytes in the order of writes, chance, and a checksum of both. */
const layout = { sequence: 6, random: 14, checksum: 4 } as const;
const checked = layout.sequence + layout.random;

function masked(bytes: Buffer, random: Buffer): Buffer {
  return Buffer.from(bytes.map((byte, index) => byte ^ (random[index] ?? 0)));
}

function makeChecksum(bytes: Buffer): Buffer {
  const out = Buffer.alloc(layout.checksum);
  out.writeUInt32BE(crc32(bytes));
  return out;
}

/**
 * Makes an opaque version id that tells its sequenceBytes in the order of writes: a listing has to go on behind a version that
 * was deleted since.
 */
export function makeVersionId(sequence: number): string {
  const sequenceBytes = Buffer.alloc(layout.sequence);
  sequenceBytes.writeUIntBE(sequence, 0, layout.sequence);
  const random = randomBytes(layout.random);
  const body = Buffer.concat([masked(sequenceBytes, random), random]);
  return Buffer.concat([body, makeChecksum(body)]).toString('base64url');
}

/** The sequenceBytes in the order of writes that a version id tells; undefined for what is no id of a version. */
export function parseVersionId(id: string): number | undefined {
  const bytes = Buffer.from(id, 'base64url');
  if (bytes.length !== checked + layout.checksum || bytes.toString('base64url') !== id) return undefined;
  const body = bytes.subarray(0, checked);
  if (!makeChecksum(body).equals(bytes.subarray(checked))) return undefined;
  const sequenceBytes = masked(body.subarray(0, layout.sequence), body.subarray(layout.sequence));
  return sequenceBytes.readUIntBE(0, layout.sequence);
}
