import { S3Limits } from './limits.ts';

const encoder = new TextEncoder();

/** Length of a text in bytes of UTF-8, which is how S3 measures keys. */
export const utf8Length = (text: string): number => encoder.encode(text).length;

/** Ranks a UTF-16 unit as UTF-8 would: surrogates (characters above U+FFFF) come after U+E000–U+FFFF. */
const rank = (unit: number): number => {
  if (unit < 0xd800) return unit;
  return unit >= 0xe000 ? unit - 0x800 : unit + 0x2000;
};

const lastCharacter = '\u{10FFFF}';

/**
 * Returns a text just before a key, to start a listing at the key itself: S3 starts after the text it is given. Only keys
 * that are very unlikely lie between the two. The text is no longer than a key may be.
 *
 * @param key not empty
 */
export function justBefore(key: string): string {
  const code = key.codePointAt(key.length - (/[\ud800-\udbff][\udc00-\udfff]$/.test(key) ? 2 : 1)) as number;
  const rest = key.slice(0, -String.fromCodePoint(code).length);
  if (code === 0) return rest;
  const before = rest + String.fromCodePoint(code === 0xe000 ? 0xd7ff : code - 1);
  const text = before + lastCharacter;
  return utf8Length(text) <= S3Limits.maxKeyBytes ? text : before;
}

/**
 * Compares two keys in the order in which S3 lists them: by bytes of UTF-8.
 *
 * JavaScript's `<` compares UTF-16 units, which differs for characters above U+FFFF.
 *
 * @returns negative, 0 or positive, as for `Array.sort`
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/ListingKeysUsingAPIs.html (read 2026-11-22)
 */
export function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i += 1) {
    const left = a.charCodeAt(i);
    const right = b.charCodeAt(i);
    if (left !== right) return rank(left) - rank(right);
  }
  return a.length - b.length;
}
