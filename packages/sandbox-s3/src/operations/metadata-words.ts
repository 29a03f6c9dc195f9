/**
 * Metadata with characters outside US-ASCII is sent as RFC 2047 encoded words. S3 decodes them when it stores an object
 * and encodes them when it answers. It also accepts raw UTF-8 in a header.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html (read 2026-11-22)
 */
const encodedWord = /=\?utf-8\?([bq])\?([^?]*)\?=/gi;

function decodeQ(text: string): Buffer {
  const bytes = text
    .replaceAll('_', ' ')
    .replace(/=([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1');
}

/** Decodes a metadata value from a header as Node returns it: each character stands for one byte (Latin-1). */
export function decodeMetadata(header: string): string {
  const text = Buffer.from(header, 'latin1').toString();
  const joined = text.replace(/(\?=)\s+(=\?)/g, '$1$2');
  return joined.replace(encodedWord, (_, encoding: string, body: string) =>
    (encoding.toLowerCase() === 'b' ? Buffer.from(body, 'base64') : decodeQ(body)).toString(),
  );
}

/** Encodes a metadata value for a header. */
export function encodeMetadata(value: string): string {
  return /^[\x20-\x7e\t]*$/.test(value) ? value : `=?UTF-8?B?${Buffer.from(value).toString('base64')}?=`;
}
