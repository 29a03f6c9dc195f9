import fc from 'fast-check';
import { utf8Length } from '../../core/model/bytes.ts';

/** Pieces of keys that trip up path libraries, URL parsers and comparisons of UTF-16 units. */
export const awkwardPieces = [
  '/',
  '//',
  '.',
  '..',
  './',
  '../',
  ' ',
  '+',
  '%',
  '%2F',
  '?',
  '#',
  '*',
  '&',
  '\\',
  '"',
  '\n',
  '\r',
  '\t',
  '\u0001',
  '\u007f',
  '\u2028',
  'é',
  'e\u0301',
  '\ud7ff',
  '\ue000',
  '\uffff',
  '𐀀',
  '😀',
  '\u{10ffff}',
  'temp/',
  '0',
  '!',
] as const;

/** Keys with a name for each way in which they are awkward. */
export const awkwardKeys: readonly (readonly [string, string])[] = [
  ['per cent', 'a/100%'],
  ['an escape', 'a/b%2Fc'],
  ['plus', 'a/1+1'],
  ['question mark', 'a/what?x=1'],
  ['hash', 'a/#1'],
  ['star', 'a/*'],
  ['double slash', 'a//b'],
  ['slash in front', '/a'],
  ['only a slash', '/'],
  ['dot', 'a/.'],
  ['dots', 'a/../b'],
  ['blank in front', ' a'],
  ['blank at the end', 'a '],
  ['newline', 'a\nb'],
  ['carriage return', 'a\rb'],
  ['control character', 'a\u0001b'],
  ['composed letter', 'é'],
  ['decomposed letter', 'e\u0301'],
  ['emoji', 'a/😀'],
  ['last before surrogates', '\ud7ff'],
  ['first behind surrogates', '\ue000'],
  ['last of the first plane', '\uffff'],
  ['first of the second plane', '𐀀'],
  ['folder marker', 'dir/'],
  ['1,024 bytes', 'k'.repeat(1024)],
];

const keyText = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('a', 'b', 'ab', '/', '/') },
  { weight: 2, arbitrary: fc.constantFrom(...awkwardPieces) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 3 }) },
);

/** Well-formed keys as S3 takes them: 1 to 1,024 bytes, dense around the characters that matter. */
export const anyKey: fc.Arbitrary<string> = fc
  .array(keyText, { minLength: 1, maxLength: 8 })
  .map((texts) => texts.join(''))
  .filter((key) => key !== '' && utf8Length(key) <= 1024);

const narrowPiece = fc.constantFrom('a', 'b', 'c', '/', '!', '😀', '\uffff');

/** Keys of few characters, so that many of them share folders and beginnings. */
export const narrowKey: fc.Arbitrary<string> = fc
  .array(narrowPiece, { minLength: 1, maxLength: 5 })
  .map((texts) => texts.join(''));

/** Paths of `src`, in all forms that a request may have. */
export const anySourcePath: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom('', '*', 'a/b', 'a/b/', 'a/b/*', 'a/b*', 'a', 'a*'),
  fc
    .tuple(
      narrowKey.filter((key) => !key.includes('*')),
      fc.constantFrom('', '/', '/*', '*'),
    )
    .map(([key, end]) => key + end),
);

/** Paths of `dest`. */
export const anyDestination: fc.Arbitrary<string> = fc.oneof(
  fc.constant(''),
  narrowKey,
  narrowKey.map((key) => `${key}/`),
);
