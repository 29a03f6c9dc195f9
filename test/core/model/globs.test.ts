import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findGlobFault, globMatcher } from '../../../core/model/globs.ts';

describe('globMatcher', () => {
  it.each<[string, string, boolean, string]>([
    ['*.jpg', 'a.jpg', true, 'a star is any characters'],
    ['*.jpg', '.jpg', true, 'also none'],
    ['*.jpg', 'x/y/a.jpg', true, 'and also slashes'],
    ['*.jpg', 'a.jpg.txt', false, 'the whole key must match'],
    ['jpg', 'a.jpg', false, 'from its beginning'],
    ['a*b*c', 'a-b-b-c-c', true, 'a star may have to take more than at first sight'],
    ['a*b*c', 'a-c-b', false, 'in their order'],
    ['logs/*', 'logs/', true, 'the marker of a folder is below it'],
    ['logs/*', 'logs', false, 'an object of that name is not'],
    ['?', 'x', true, 'a question mark is one character'],
    ['?', '', false, 'not none'],
    ['?', 'xy', false, 'not two'],
    ['?', '😀', true, 'a character above U+FFFF is one'],
    ['[abc]', 'b', true, 'a set'],
    ['[a-c]', 'b', true, 'a range'],
    ['[a-c]', 'd', false, 'behind its end'],
    ['[😀-😂]', '😁', true, 'of any characters'],
    ['[!a-c]', 'd', true, 'a set negated'],
    ['[!a-c]', 'a', false, 'a set negated, of one of its own'],
    ['[]a]', ']', true, 'a bracket that comes first is of the set'],
    ['[!]a]', 'b', true, 'also behind the mark'],
    ['[a-]', '-', true, 'a dash at the end is a dash'],
    ['[*]', '*', true, 'nothing is special in a set'],
    ['[*]', 'x', false, 'not even a star'],
    ['\\*', '*', true, 'a backslash takes away the meaning'],
    ['\\*', 'x', false, 'of a star'],
    ['a\\b', 'ab', true, 'and of a letter, which has none'],
    ['.', '.', true, 'the object of the path itself'],
    ['.', 'x', false, 'a dot is a dot'],
    ['A', 'a', false, 'keys have upper and lower case'],
    ['*', '', true, 'stars alone match all'],
    ['**', 'a/b', true, 'two are as one'],
  ])('%s on %s is %s: %s', (glob, key, isMatch) => {
    expect(globMatcher(glob)(key)).toBe(isMatch);
  });

  it('agrees with regular expressions', () => {
    const glob = fc.array(fc.constantFrom('a', 'b', '/', '*', '?', '[ab]', '[!a]'), { maxLength: 8 });
    const key = fc.array(fc.constantFrom('a', 'b', '/'), { maxLength: 10 });
    const expression = (elements: readonly string[]) =>
      elements.map((element) => ({ '*': '[^]*', '?': '[^]', '[!a]': '[^a]' })[element] ?? element).join('');
    fc.assert(
      fc.property(glob, key, (elements, chars) => {
        const text = chars.join('');
        return (
          globMatcher(elements.join(''))(text) === new RegExp(`^(?:${expression(elements)})$`, 'u').test(text)
        );
      }),
      { numRuns: 3_000 },
    );
  });

  it('is not slowed down by many stars, over which a regular expression would take years', () => {
    expect(globMatcher('*a'.repeat(200))('a'.repeat(1_000).concat('b'))).toBe(false);
  });

  it('takes every key that is escaped for itself alone', () => {
    const key = fc.string({ unit: 'binary' });
    const escaped = (text: string) => [...text].map((char) => `\\${char}`).join('');
    fc.assert(fc.property(key, key, (a, b) => globMatcher(escaped(a))(b) === (a === b)));
    fc.assert(fc.property(key, (text) => globMatcher(escaped(text))(text)));
  });
});

describe('findGlobFault', () => {
  it.each([
    ['a[b', /has a \[ without its \]/],
    ['[!]', /has a \[ without its \]/],
    ['a[]', /has a \[ without its \]/],
    ['[z-a]', /range z-a, whose end comes before its begin/],
    ['a\\', /ends in a backslash/],
  ])('says what is wrong with %s', (glob, words) => {
    expect(findGlobFault(glob)).toMatch(words);
    expect(() => globMatcher(glob)).toThrow(words);
  });

  it('finds nothing wrong with others', () => {
    expect(findGlobFault('a*[b-d]?\\*')).toBeUndefined();
  });
});
