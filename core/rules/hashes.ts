import { createHash } from 'node:crypto';
import type { Hashes } from '../model/hashes.ts';

/** The rules' hashes by Node's crypto. */
export const hashes: Hashes = {
  md5: (bytes) => createHash('md5').update(bytes).digest(),
  sha256: (text) => createHash('sha256').update(text, 'utf8').digest('hex'),
};
