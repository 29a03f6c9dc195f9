/** The hashes that the rules need. Given from outside, since the rules import no platform. */
export interface Hashes {
  /** MD5 of bytes, as 16 bytes. */
  readonly md5: (bytes: Uint8Array) => Uint8Array;
  /** SHA-256 of a text's UTF-8, as 64 hexadecimal digits. */
  readonly sha256: (text: string) => string;
}
