/** What one element of a glob matches: one character, or any number of them. */
type Token = { readonly is: 'star' } | { readonly is: 'one'; readonly fits: (char: string) => boolean };

const star: Token = { is: 'star' };
const one = (fits: (char: string) => boolean): Token => ({ is: 'one', fits });

/** What is wrong with a glob, as text to follow its name. Undefined when it is valid. */
export function findGlobFault(glob: string): string | undefined {
  const tokens = readGlob(glob);
  return typeof tokens === 'string' ? tokens : undefined;
}

/**
 * A test for whole keys. `*` stands for any characters, also none and also `/`, since keys have no folders; `?` for
 * one; `[a-z]` for one of a set and `[!a-z]` for one that is not in it; `\` takes the next character as it is.
 *
 * Its time grows with the length of the glob times that of the key, whatever both are: a regular expression would
 * take hours over a glob of many stars.
 *
 * @param glob without fault
 */
export function globMatcher(glob: string): (key: string) => boolean {
  const tokens = readGlob(glob);
  if (typeof tokens === 'string') throw new TypeError(`glob ${JSON.stringify(glob)} ${tokens}`);
  return (key) => matches(tokens, [...key]);
}

/** Goes back to the last star only: what an earlier one could take, that one can take too. */
function matches(tokens: readonly Token[], chars: readonly string[]): boolean {
  let token = 0;
  let char = 0;
  let lastStar = -1;
  let resume = 0;
  while (char < chars.length) {
    const at = tokens[token];
    if (at?.is === 'star') {
      lastStar = token;
      resume = char;
      token += 1;
    } else if (at?.fits(chars[char] as string) === true) {
      token += 1;
      char += 1;
    } else if (lastStar !== -1) {
      token = lastStar + 1;
      resume += 1;
      char = resume;
    } else return false;
  }
  return tokens.slice(token).every(({ is }) => is === 'star');
}

function readGlob(glob: string): readonly Token[] | string {
  const chars = [...glob];
  const tokens: Token[] = [];
  for (let at = 0; at < chars.length; at += 1) {
    const char = chars[at] as string;
    if (char === '*') tokens.push(star);
    else if (char === '?') tokens.push(one(() => true));
    else if (char === '[') {
      const set = readSet(chars, at + 1);
      if (typeof set === 'string') return set;
      tokens.push(one(set.fits));
      at = set.end;
    } else {
      if (char === '\\') at += 1;
      const literal = chars[at];
      if (literal === undefined) return 'ends in a backslash, which takes the next character as it is';
      tokens.push(one((other) => other === literal));
    }
  }
  return tokens;
}

const notClosed = 'has a [ without its ]; write \\[ for the character itself';

/** Reads a set after its `[`. A `]` that comes first is one of its characters. */
function readSet(
  chars: readonly string[],
  start: number,
): { readonly fits: (char: string) => boolean; readonly end: number } | string {
  const isNegated = chars[start] === '!';
  const first = isNegated ? start + 1 : start;
  const end = chars.indexOf(']', first + 1);
  if (end === -1) return notClosed;
  const ranges: (readonly [number, number])[] = [];
  for (let at = first; at < end; at += 1) {
    const isRange = chars[at + 1] === '-' && at + 2 < end;
    const low = codeOf(chars[at]);
    const high = isRange ? codeOf(chars[at + 2]) : low;
    if (high < low)
      return `has the range ${chars.slice(at, at + 3).join('')}, whose end comes before its begin`;
    ranges.push([low, high]);
    if (isRange) at += 2;
  }
  const isIn = (code: number) => ranges.some(([low, high]) => code >= low && code <= high);
  return { fits: (char) => isIn(codeOf(char)) !== isNegated, end };
}

const codeOf = (char: string | undefined): number => (char as string).codePointAt(0) as number;
