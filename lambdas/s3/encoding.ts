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

/** A key of a listing with `encoding-type=url`: percent-encoded, and a `+` is a blank. The SDK does not decode it. */
export const decodeListedKey = (encoded: string): string => decodeURIComponent(encoded.replaceAll('+', ' '));

/** Tags as the header `x-amz-tagging` wants them. */
export const encodeTags = (tags: readonly { readonly Key?: string; readonly Value?: string }[]): string =>
  tags.map(({ Key = '', Value = '' }) => `${encodeURIComponent(Key)}=${encodeURIComponent(Value)}`).join('&');
