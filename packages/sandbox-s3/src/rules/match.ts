function globToRegExp(glob: string): RegExp {
  const source = glob.replace(/\\\*|\*|[\\^$.+?()[\]{}|]/g, (part) =>
    part === '*' ? '[^]*' : part === '\\*' ? '\\*' : `\\${part}`,
  );
  return new RegExp(`^${source}$`, 'u');
}

type Matcher = (text: string | undefined) => boolean;

/** Makes a function that tests whether a text matches one of the patterns. Without a pattern, every text matches. */
export function makeMatcher(pattern: string | readonly string[] | undefined): Matcher {
  if (pattern === undefined) return () => true;
  const patterns = (typeof pattern === 'string' ? [pattern] : pattern).map(globToRegExp);
  return (text) => text !== undefined && patterns.some((regExp) => regExp.test(text));
}
