/**
 * Metadata beyond US-ASCII travels as RFC 2047 encoded words: S3 decodes them when it stores an object and encodes
 * them when it answers. Raw UTF-8 in a header is taken too.
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

/** Reads a metadata value from a header, as Node gives it (bytes as Latin-1). */
export function decodeMetadata(header: string): string {
  const text = Buffer.from(header, 'latin1').toString();
  const joined = text.replace(/(\?=)\s+(=\?)/g, '$1$2');
  return joined.replace(encodedWord, (_, encoding: string, body: string) =>
    (encoding.toLowerCase() === 'b' ? Buffer.from(body, 'base64') : decodeQ(body)).toString(),
  );
}

/** Writes a metadata value for a header. */
export function encodeMetadata(value: string): string {
  return /^[\x20-\x7e\t]*$/.test(value) ? value : `=?UTF-8?B?${Buffer.from(value).toString('base64')}?=`;
}
