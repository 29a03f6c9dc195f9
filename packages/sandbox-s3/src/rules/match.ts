function globToRegExp(glob: string): RegExp {
  const source = glob.replace(/\\\*|\*|[\\^$.+?()[\]{}|]/g, (part) =>
    part === '*' ? '[^]*' : part === '\\*' ? '\\*' : `\\${part}`,
  );
  return new RegExp(`^${source}$`, 'u');
}

type Matcher = (text: string | undefined) => boolean;

/** A test for one text of a match; everything fits an absent one. */
export function makeMatcher(pattern: string | readonly string[] | undefined): Matcher {
  if (pattern === undefined) return () => true;
  const patterns = (typeof pattern === 'string' ? [pattern] : pattern).map(globToRegExp);
  return (text) => text !== undefined && patterns.some((regExp) => regExp.test(text));
}
