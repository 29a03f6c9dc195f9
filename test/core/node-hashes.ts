import { createHash } from 'node:crypto';
import type { Hashes } from '../../core/model/hashes.ts';

/** Real hashes, written here once more so that the rules are not tested with the code that they run with. */
export const hashes: Hashes = {
  md5: (bytes) => createHash('md5').update(bytes).digest(),
  sha256: (text) => createHash('sha256').update(text).digest('hex'),
};

/** MD5 of a text, as S3 shows it in an ETag. */
export const md5 = (text: string | Uint8Array): string => createHash('md5').update(text).digest('hex');

/** The ETag of a multipart upload of these parts, made of their bytes. */
export const uploadedIn = (...parts: readonly string[]): string =>
  `${md5(Buffer.concat(parts.map((part) => createHash('md5').update(part).digest())))}-${parts.length}`;
