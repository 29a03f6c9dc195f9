import { expect, it } from 'vitest';
import { hashes } from '../../../core/rules/hashes.ts';

/** @see https://www.rfc-editor.org/rfc/rfc1321#appendix-A.5 (read 2026-11-28) */
it('MD5 is that of RFC 1321', () => {
  const md5 = hashes.md5(Buffer.from('message digest'));

  expect(Buffer.from(md5).toString('hex')).toBe('f96b697d7cb7938d525a2f31aaf161d0');
});

/** @see https://www.rfc-editor.org/rfc/rfc6234#section-8.5 (read 2026-11-28) */
it('SHA-256 is that of RFC 6234', () => {
  expect(hashes.sha256('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});

it('SHA-256 of a text is that of its UTF-8', () => {
  // printf 'é' | sha256sum
  expect(hashes.sha256('é')).toBe('4a99557e4033c3539de2eb65472017cad5f9557f7a0625a09f1c3f6e2ba69c4c');
});
