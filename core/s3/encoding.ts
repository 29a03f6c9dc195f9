import type { VersionAddress } from './property-store.ts';

/** The header `x-amz-copy-source`: bucket and key, each segment of the key encoded. The SDK sends it as it is. */
export function copySource({ bucket, key, versionId }: VersionAddress): string {
  const path = key.split('/').map(encodeSegment).join('/');
  return `${bucket}/${path}${versionId === undefined ? '' : `?versionId=${encodeURIComponent(versionId)}`}`;
}

const encodeSegment = (segment: string): string =>
  encodeURIComponent(segment).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/**
 * Decodes the keys, prefixes and markers of a listing if its answer says that they are encoded; the SDK does not. Some
 * servers ignore `encoding-type=url` and list plain keys, which their answer shows.
 *
 * @param encodingType of the answer, not of the request
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html (read 2026-11-28): `EncodingType`
 */
export const keyReader = (encodingType: string | undefined): ((listed: string) => string) =>
  encodingType === 'url' ? decodeKey : (plain) => plain;

/** Percent-encoded, and a `+` is a blank. */
const decodeKey = (encoded: string): string => decodeURIComponent(encoded.replaceAll('+', ' '));

/** Tags as the header `x-amz-tagging` wants them. */
export const encodeTags = (tags: readonly { readonly Key?: string; readonly Value?: string }[]): string =>
  tags.map(({ Key = '', Value = '' }) => `${encodeURIComponent(Key)}=${encodeURIComponent(Value)}`).join('&');
