import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** Sizes in bytes of what a version id contains: the number in the order of writes, random bytes, a checksum of both. */
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
 * Makes an opaque version id. It contains its number in the order of writes, because a listing must be able to continue
 * after a version that no longer exists.
 */
export function makeVersionId(sequence: number): string {
  const sequenceBytes = Buffer.alloc(layout.sequence);
  sequenceBytes.writeUIntBE(sequence, 0, layout.sequence);
  const random = randomBytes(layout.random);
  const body = Buffer.concat([masked(sequenceBytes, random), random]);
  return Buffer.concat([body, makeChecksum(body)]).toString('base64url');
}

/** Reads the number in the order of writes from a version id; undefined when it is not a version id of a store. */
export function parseVersionId(id: string): number | undefined {
  const bytes = Buffer.from(id, 'base64url');
  if (bytes.length !== checked + layout.checksum || bytes.toString('base64url') !== id) return undefined;
  const body = bytes.subarray(0, checked);
  if (!makeChecksum(body).equals(bytes.subarray(checked))) return undefined;
  const sequenceBytes = masked(body.subarray(0, layout.sequence), body.subarray(layout.sequence));
  return sequenceBytes.readUIntBE(0, layout.sequence);
}
