import type { Location } from '../model/location.ts';
import {
  absoluteKey,
  destinationFolder,
  mapKey,
  readSourcePath,
  type Selected,
  selectPrefix,
} from '../model/paths.ts';

/** Where a list lies; `uploaded` is the work bucket, which is the functions' own. */
export type ListPlace = Location | 'uploaded';

/** What runs are limited to. */
export interface ScopeNeeds {
  readonly source: Location;
  readonly destination: Location;
  /** Keys and paths below the source that runs are limited to; with none of them and no list, to nothing. */
  readonly files: readonly string[];
  readonly prefixes: readonly string[];
  /** Lists of such. What they name is not known here: anything below the source. */
  readonly filesFrom: ListPlace | undefined;
  readonly prefixesFrom: ListPlace | undefined;
}

/** In policies `*`, `?` and `${` have a meaning of their own, which keys have not. */
export const literal = (text: string): string => text.replace(/[*?$]/g, (character) => `\${${character}}`);

/** A key, or all that begins with a prefix, as policies match it. */
export const keyPattern = (item: Selected): string =>
  item.kind === 'key' ? literal(item.key) : `${literal(item.prefix)}*`;

/** What of a bucket a run touches. */
export interface Scope {
  /** Keys and prefixes of objects. */
  readonly objects: readonly Selected[];
  /** Prefixes that are listed; none where all is looked up by name. */
  readonly listed: readonly Selected[];
}

/**
 * More names than that would not fit: a bucket's policy has at most 20 KB, and a role's policies of its own 10,240
 * characters in all.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html (read 2026-11-22)
 */
const mostNamed = 20;

const isPrefix = ({ kind }: Selected): boolean => kind === 'prefix';

/** What runs look at in the source. */
export function sourceScope({ source, files, prefixes, filesFrom, prefixesFrom }: ScopeNeeds): Scope {
  const path = readSourcePath(source.path);
  const keys = files.map((file): Selected => ({ kind: 'key', key: absoluteKey(path, file) }));
  const below = prefixes.flatMap((entry) => selectPrefix(path, entry));
  const hasList = filesFrom !== undefined || prefixesFrom !== undefined;
  const named = [...keys, ...below];
  if (named.length === 0 && !hasList)
    return { objects: path.selected, listed: path.selected.filter(isPrefix) };
  const few = (items: readonly Selected[]) => (items.length > mostNamed ? path.selected : items);
  return {
    objects: hasList ? path.selected : few(named),
    listed: (prefixesFrom === undefined ? few(below) : path.selected).filter(isPrefix),
  };
}

/** Where that lands at the destination. */
export function targetScope(needs: ScopeNeeds): Scope {
  const { base } = readSourcePath(needs.source.path);
  const mapping = { base, folder: destinationFolder(needs.destination.path) };
  const map = (item: Selected): Selected =>
    item.kind === 'key'
      ? { kind: 'key', key: mapKey(mapping, item.key) }
      : { kind: 'prefix', prefix: mapKey(mapping, item.prefix) };
  const { objects, listed } = sourceScope(needs);
  return { objects: objects.map(map), listed: listed.map(map) };
}
