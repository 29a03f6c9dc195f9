import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  countParts,
  isPlain,
  isSameAsOnePart,
  multipartEtag,
  quote,
  unquote,
} from '../../../core/model/etags.ts';
import { hashes, md5, uploadedIn } from '../node-hashes.ts';

const plain = 'd41d8cd98f00b204e9800998ecf8427e';

describe('an ETag', () => {
  it.each([
    [`"${plain}"`, plain, 'S3 sends quotes'],
    [plain, plain, 'some servers send none'],
    [`"${plain}-2"`, `${plain}-2`, 'of a multipart upload'],
    ['', '', 'of no object'],
    ['"', '', 'of a broken header'],
    ['a"b', 'a"b', 'quotes within are its own'],
  ])('%j is kept as %j: %s', (header, etag) => {
    expect(unquote(header)).toBe(etag);
  });

  it('has its quotes in a header again', () => {
    expect(quote(plain)).toBe(`"${plain}"`);
    expect(unquote(quote(plain))).toBe(plain);
  });

  it.each<[string, boolean, number | undefined, string]>([
    [plain, true, undefined, 'the MD5 of an object'],
    [`${plain}-1`, false, 1, 'an upload of one part'],
    [`${plain}-10000`, false, 10_000, 'an upload of the most parts'],
    [`${plain}-`, false, undefined, 'no number'],
    [`${plain}-x`, false, undefined, 'no number'],
    [`x${plain}`, false, undefined, 'too long'],
    [plain.slice(1), false, undefined, 'too short'],
    [plain.toUpperCase(), false, undefined, 'S3 writes small letters'],
    [`${plain}\n`, false, undefined, 'a newline behind it'],
    ['', false, undefined, 'nothing'],
  ])('%j is plain: %j, of parts: %j (%s)', (etag, isOne, parts) => {
    expect(isPlain(etag)).toBe(isOne);
    expect(countParts(etag)).toBe(parts);
  });
});

describe('the ETag of a multipart upload', () => {
  it.each([
    { parts: [''], etag: '59adb24ef3cdbe0297f05b395827453f-1', why: 'one empty part' },
    { parts: ['a', 'b'], etag: uploadedIn('a', 'b'), why: 'two parts' },
    { parts: ['b', 'a'], etag: uploadedIn('b', 'a'), why: 'their order counts' },
  ])('is made of the MD5s of its parts: $why', ({ parts, etag }) => {
    expect(multipartEtag(parts.map(md5), hashes)).toBe(etag);
  });

  it('is made so of any parts', () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 1, maxLength: 30 }), (parts) => {
        expect(multipartEtag(parts.map(md5), hashes)).toBe(uploadedIn(...parts));
      }),
    );
  });
});

describe('isSameAsOnePart', () => {
  it.each([
    { a: md5('x'), b: uploadedIn('x'), isSame: true, why: 'an upload of one part of the same bytes' },
    { a: uploadedIn('x'), b: md5('x'), isSame: true, why: 'the other way round' },
    { a: md5('x'), b: uploadedIn('y'), isSame: false, why: 'other bytes' },
    { a: uploadedIn('y'), b: md5('x'), isSame: false, why: 'other bytes, the other way round' },
    { a: md5('xy'), b: uploadedIn('x', 'y'), isSame: false, why: 'two parts tell nothing of the whole' },
    { a: uploadedIn('x', 'y'), b: md5('xy'), isSame: false, why: 'nor the other way round' },
    { a: uploadedIn('x'), b: uploadedIn('x'), isSame: false, why: 'two uploads are for the ETags to tell' },
    { a: md5('x'), b: md5('x'), isSame: false, why: 'two plain ones too' },
    { a: 'x', b: uploadedIn('x'), isSame: false, why: 'what is no MD5' },
  ])('$isSame: $why', ({ a, b, isSame }) => {
    expect(isSameAsOnePart(a, b, hashes)).toBe(isSame);
  });
});
