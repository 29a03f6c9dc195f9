import { createCipheriv, createHash } from 'node:crypto';

/**
 * Creates bytes that look random. The same seed always gives the same bytes.
 *
 * @param length in bytes
 */
export function randomBytes(seed: string, length: number): Buffer {
  const key = createHash('sha256').update(seed).digest();
  return createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(length));
}
