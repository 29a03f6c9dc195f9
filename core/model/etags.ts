import type { Hashes } from './hashes.ts';

/**
 * ETags are kept without quotes throughout.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html (read 2026-11-22): what an ETag says
 */
export const unquote = (etag: string): string => etag.replace(/^"|"$/g, '');

/** An ETag as a header wants it. */
export const quote = (etag: string): string => `"${etag}"`;

const plain = /^[0-9a-f]{32}$/;
const multipart = /^[0-9a-f]{32}-(\d+)$/;

/** Whether the ETag may be the MD5 of the object's bytes: that of no multipart upload. */
export const isPlain = (etag: string): boolean => plain.test(etag);

/** Reads the number of parts from an ETag. Undefined for an ETag without one. */
export function countParts(etag: string): number | undefined {
  const match = multipart.exec(etag);
  return match === null ? undefined : Number(match[1]);
}

const fromHex = (hex: string): Uint8Array =>
  Uint8Array.from({ length: hex.length / 2 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));

const toHex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/**
 * The ETag that a multipart upload of these parts has: the MD5 of the parts' MD5s, and their number.
 *
 * @param partEtags ETags of the parts, each the MD5 of its bytes, in order
 */
export function multipartEtag(partEtags: readonly string[], { md5 }: Hashes): string {
  const joined = new Uint8Array(16 * partEtags.length);
  partEtags.forEach((etag, index) => {
    joined.set(fromHex(etag), 16 * index);
  });
  return `${toHex(md5(joined))}-${partEtags.length}`;
}

/** Whether one ETag is plain and the other that of a one-part upload of the same bytes. */
export function isSameAsOnePart(a: string, b: string, hashes: Hashes): boolean {
  if (isPlain(a) && countParts(b) === 1) return multipartEtag([a], hashes) === b;
  if (isPlain(b) && countParts(a) === 1) return multipartEtag([b], hashes) === a;
  return false;
}
