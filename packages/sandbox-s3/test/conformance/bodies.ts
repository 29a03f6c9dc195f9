import { createHash } from 'node:crypto';

/** Bytes in one mebibyte. */
export const MiB = 1024 ** 2;

/** Makes bytes that differ at every position, so that a test notices a range that is shifted by one byte. */
export function bytes(size: number, seed = 1): Buffer {
  const buffer = Buffer.alloc(size);
  let state = seed;
  for (let i = 0; i + 4 <= size; i += 4) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    buffer.writeUInt32LE(state, i);
  }
  return buffer;
}

/** The MD5 of data in hexadecimal. */
export function md5(data: string | Buffer): string {
  return createHash('md5').update(data).digest('hex');
}

/** The ETag, with quotes, of a multipart object with these parts. */
export function multipartEtag(parts: readonly Buffer[]): string {
  const digests = parts.map((part) => createHash('md5').update(part).digest());
  return `"${md5(Buffer.concat(digests))}-${parts.length}"`;
}

/** The SHA-256 of data in base64. */
export function sha256(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('base64');
}
