import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareKeys, justBefore, utf8Length } from '../../../core/model/bytes.ts';
import { anyKey } from '../arbitraries.ts';

const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

const anyText = fc.oneof(anyKey, fc.string({ unit: 'binary' }), fc.constant(''));

describe('compareKeys', () => {
  it.each([
    { less: '', more: 'a', why: 'nothing comes before something' },
    { less: 'a', more: 'a/', why: 'a key comes before what it begins' },
    { less: 'a!', more: 'a/', why: 'an exclamation mark comes before a slash' },
    { less: 'a/z', more: 'a0', why: 'a folder ends before the character behind the slash' },
    { less: 'Z', more: 'a', why: 'capitals come first, as in ASCII' },
    { less: '\u007f', more: '\u0080', why: 'one byte comes before two' },
    { less: '\u07ff', more: '\u0800', why: 'two bytes come before three' },
    { less: '\uffff', more: '𐀀', why: 'three bytes come before four, which UTF-16 turns around' },
    { less: '\ue000', more: '😀', why: 'the private area comes before an emoji, which UTF-16 turns around' },
    { less: '\ud7ff', more: '\ue000', why: 'both sides of the surrogates are neighbors' },
    { less: '\ud7ff', more: '𐀀', why: 'what stands below the surrogates comes before the second plane' },
    { less: '𐀀', more: '\u{10ffff}', why: 'the planes come in their order' },
    { less: 'e\u0301', more: 'é', why: 'nothing is normalized' },
  ])('puts $less before $more: $why', ({ less, more }) => {
    expect(compareKeys(less, more)).toBeLessThan(0);
    expect(compareKeys(more, less)).toBeGreaterThan(0);
    expect(byBytes(less, more)).toBe(-1);
  });

  it('is the order of bytes of UTF-8 for any two texts', () => {
    fc.assert(
      fc.property(anyText, anyText, (a, b) => Math.sign(compareKeys(a, b)) === byBytes(a, b)),
      { numRuns: 5_000 },
    );
  });

  it('is the order of bytes also behind a common beginning', () => {
    fc.assert(
      fc.property(
        anyText,
        anyText,
        anyText,
        (start, a, b) => Math.sign(compareKeys(start + a, start + b)) === byBytes(a, b),
      ),
      { numRuns: 2_000 },
    );
  });

  it('sorts many keys as S3 lists them', () => {
    fc.assert(
      fc.property(fc.array(anyKey, { maxLength: 40 }), (keys) => {
        expect([...keys].sort(compareKeys)).toEqual([...keys].sort(byBytes));
      }),
      { numRuns: 200 },
    );
  });
});

describe('justBefore', () => {
  it.each([
    { key: 'b', before: 'a\u{10ffff}', why: 'is the character before, and the last of all behind it' },
    { key: 'a/b', before: 'a/a\u{10ffff}', why: 'leaves what stands in front' },
    { key: 'a\u0000', before: 'a', why: 'is the key itself where nothing else comes between' },
    { key: '\ue000', before: '\ud7ff\u{10ffff}', why: 'is no surrogate' },
    { key: '\u{10000}', before: '\uffff\u{10ffff}', why: 'may be of the first plane' },
    { key: '😀', before: '\u{1f5ff}\u{10ffff}', why: 'counts two units as one character' },
    { key: 'k'.repeat(1024), before: `${'k'.repeat(1023)}j`, why: 'is no longer than the longest key' },
    { key: 'k'.repeat(1021), before: `${'k'.repeat(1020)}j`, why: 'leaves out what makes it too long' },
    {
      key: 'k'.repeat(1020),
      before: `${'k'.repeat(1019)}j\u{10ffff}`,
      why: 'leaves out no more than it must',
    },
  ])('$why', ({ key, before }) => {
    expect(justBefore(key)).toBe(before);
  });

  it('is less than the key, well-formed, no longer than a key, and behind most that is less', () => {
    fc.assert(
      fc.property(anyKey, anyKey, (key, other) => {
        const before = justBefore(key);
        expect(compareKeys(before, key)).toBeLessThan(0);
        expect(before.isWellFormed()).toBe(true);
        expect(utf8Length(before)).toBeLessThanOrEqual(1024);
        if (compareKeys(other, key) < 0 && utf8Length(key) < 1000 && !other.includes('\u{10ffff}')) {
          expect(compareKeys(other, before)).toBeLessThanOrEqual(0);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('utf8Length', () => {
  it.each([
    ['', 0],
    ['a', 1],
    ['é', 2],
    ['e\u0301', 3],
    ['\uffff', 3],
    ['😀', 4],
  ])('counts the bytes of %j as S3 does: %i', (text, bytes) => {
    expect(utf8Length(text)).toBe(bytes);
  });

  it('is the length of the bytes of any text', () => {
    fc.assert(fc.property(anyText, (text) => utf8Length(text) === Buffer.byteLength(text)));
  });
});
