import { globMatcher } from '../model/globs.ts';

/** Why a filter leaves a key out. */
export type FilterReason = 'excluded' | 'not-included';

/** Says why a relative key is left out; undefined when it is not. */
export type Filter = (relativeKey: string) => FilterReason | undefined;

/**
 * Makes one filter of a copy request's globs: a key passes if it matches one of `include`, or `include` is empty, and
 * none of `exclude`.
 *
 * @param globs valid globs
 */
export function makeFilter(globs: {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}): Filter {
  const included = globs.include.map(globMatcher);
  const excluded = globs.exclude.map(globMatcher);
  return (key) => {
    if (excluded.some((matches) => matches(key))) return 'excluded';
    const isIncluded = included.length === 0 || included.some((matches) => matches(key));
    return isIncluded ? undefined : 'not-included';
  };
}
