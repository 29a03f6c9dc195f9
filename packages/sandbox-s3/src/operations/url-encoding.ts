import type { S3Request } from '../http/s3-request.ts';
import { S3Error } from '../s3-error.ts';

/**
 * Encodes a key for a listing with `encoding-type=url`. As in an HTML form, a space becomes `+`; `/` and `*` are not
 * encoded.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html (read 2026-11-22)
 */
function formEncode(text: string): string {
  return encodeURIComponent(text)
    .replace(/[!'()~]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+')
    .replaceAll('%2F', '/');
}

/** Returns how a listing writes keys: unchanged, or encoded if the client asks for `encoding-type=url`. */
export function keyWriter(request: S3Request): { type: string | undefined; write: (text: string) => string } {
  const type = request.query.get('encoding-type');
  if (type === undefined || type === '') return { type: undefined, write: (text) => text };
  if (type !== 'url') {
    throw new S3Error('InvalidArgument', 'Invalid Encoding Method specified in Request', {
      details: { ArgumentName: 'encoding-type', ArgumentValue: type },
    });
  }
  return { type, write: formEncode };
}
