import { compareKeys, utf8Length } from './bytes.ts';
import { CopyError } from './errors.ts';
import { S3Limits } from './limits.ts';
import { formatLocation, type Location } from './location.ts';

/** One thing to look at in the source: a single key (by HEAD), or all keys under a prefix (by LIST). */
export type Selected =
  | {
      readonly kind: 'key';
      readonly key: string;
      /** A list names it: it is `missing` when it does not exist. The object of a path is just not there then. */
      readonly named?: true;
      /** The version that the list names. */
      readonly versionId?: string;
    }
  | {
      readonly kind: 'prefix';
      readonly prefix: string;
      /** The key that equals the prefix is not meant: `a/b/*` wants at least one byte more. */
      readonly longer?: true;
    };

/** How the path of `src` selects keys, and what of them is kept at the destination. */
export interface SourcePath {
  /** What the path selects when no list narrows it, in byte order. */
  readonly selected: readonly Selected[];
  /** What a selected key loses before the destination folder goes in front. */
  readonly base: string;
  /** The folder that keys in lists, filters and reports are relative to. */
  readonly folder: string;
  /** The object that the path names itself; its relative key is `.`. */
  readonly itself?: string;
}

/** Whether a path has a `*` anywhere but at its end, where it means nothing. */
export const hasMisplacedStar = (path: string): boolean => {
  const star = path.indexOf('*');
  return star !== -1 && star !== path.length - 1;
};

/** Whether a path selects keys by the start of a name, as `a/b*` does, and so is not a folder. */
export const isPattern = (path: string): boolean =>
  path.endsWith('*') && path !== '*' && !path.endsWith('/*');

const upToLastSlash = (path: string): string => path.slice(0, path.lastIndexOf('/') + 1);

/**
 * Reads the path of `src` as `cp -r` would: `a/b` is the folder (and the object) of that name, `a/b/*` its
 * content, `a/b*` all keys that start so.
 *
 * @param path the part of `s3://bucket/path` after the bucket
 */
export function readSourcePath(path: string): SourcePath {
  if (path === '' || path === '*')
    return { selected: [{ kind: 'prefix', prefix: '' }], base: '', folder: '' };
  if (path.endsWith('/*')) {
    const folder = path.slice(0, -1);
    return { selected: [{ kind: 'prefix', prefix: folder, longer: true }], base: folder, folder };
  }
  if (path.endsWith('*')) {
    const prefix = path.slice(0, -1);
    const folder = upToLastSlash(prefix);
    return { selected: [{ kind: 'prefix', prefix }], base: folder, folder };
  }
  if (path.endsWith('/')) {
    const base = upToLastSlash(path.slice(0, -1));
    return { selected: [{ kind: 'prefix', prefix: path }], base, folder: path };
  }
  const folder = `${path}/`;
  const selected: Selected[] = [
    { kind: 'key', key: path },
    { kind: 'prefix', prefix: folder },
  ];
  return { selected, base: upToLastSlash(path), folder, itself: path };
}

/** `dest` is always a folder: its path with a slash at the end, or nothing. */
export const destinationFolder = (path: string): string =>
  path === '' || path.endsWith('/') ? path : `${path}/`;

/** Where source keys land. Injective, and it keeps byte order. */
export interface Mapping {
  readonly base: string;
  readonly folder: string;
}

/** The destination key of a source key, or of a source prefix. */
export const mapKey = ({ base, folder }: Mapping, key: string): string => folder + key.slice(base.length);

/** The key as lists, filters and reports show it: below the source's folder; `.` is the path's own object. */
export function relativeKey(path: SourcePath, key: string): string {
  if (key === path.itself) return '.';
  return key.slice(path.folder.length);
}

/** The source key that a line of `files` names. */
export function absoluteKey(path: SourcePath, relative: string): string {
  return relative === '.' && path.itself !== undefined ? path.itself : path.folder + relative;
}

/** What an entry of `prefixes` selects: a path like that of `src`, below the source's folder. */
export function selectPrefix(path: SourcePath, entry: string): readonly Selected[] {
  return readSourcePath(path.folder + entry).selected;
}

/** Whether keys can be relative to a path: `a/b*` is not a folder. */
export const isFolder = ({ selected, folder }: SourcePath): boolean =>
  selected.every((item) => item.kind === 'key' || item.prefix === folder);

/** Whether S3 takes a key of that length. */
export const isTooLong = (key: string): boolean => utf8Length(key) > S3Limits.maxKeyBytes;

/** The object of a path may not exist: what counts is what lies below it. */
const isWithin = (folder: string, { selected }: SourcePath): boolean =>
  selected.every((item) => item.kind === 'key' || item.prefix.startsWith(folder));

/**
 * Checks that a copy within one bucket cannot eat its own output.
 *
 * @throws {CopyError} `InvalidRequestError` when every key would map to itself or the source lies inside the
 * destination folder
 */
export function refuseOverlap(src: Location, dest: Location): void {
  if (src.bucket !== dest.bucket) return;
  const path = readSourcePath(src.path);
  const folder = destinationFolder(dest.path);
  const from = formatLocation(src.bucket, src.path);
  const to = formatLocation(dest.bucket, dest.path);
  if (folder === path.base) {
    throw new CopyError(
      'InvalidRequestError',
      `dest: every key of ${from} would be copied onto itself by ${to}`,
    );
  }
  if (isWithin(folder, path)) {
    const advice = 'choose a destination folder that does not hold the source';
    throw new CopyError(
      'InvalidRequestError',
      `dest: the source ${from} lies inside the destination ${to}: ${advice}`,
    );
  }
}

/**
 * Checks that a delete cannot reach what the same run copies from.
 *
 * @throws {CopyError} `InvalidRequestError` when source and destination share keys
 */
export function refuseDeleteOverlap(src: Location, dest: Location): void {
  if (src.bucket !== dest.bucket) return;
  const { selected, base } = readSourcePath(src.path);
  const mapping = { base, folder: destinationFolder(dest.path) };
  const sources = selected.map(firstKeyIn);
  const targets = sources.map((start) => mapKey(mapping, start));
  const isShared = sources.some((from) => targets.some((to) => from.startsWith(to) || to.startsWith(from)));
  if (!isShared) return;
  const from = formatLocation(src.bucket, src.path);
  const to = formatLocation(dest.bucket, dest.path);
  throw new CopyError(
    'InvalidRequestError',
    `delete: the source ${from} and the destination ${to} share keys`,
  );
}

/** The source key that would land on a destination key. The inverse of `mapKey`. */
export const unmapKey = ({ base, folder }: Mapping, target: string): string =>
  base + target.slice(folder.length);

/** Whether a source key lies in the destination folder of a copy within one bucket: such keys are `filtered`. */
export const isInDestination = (src: Location, dest: Location, key: string): boolean =>
  src.bucket === dest.bucket && key.startsWith(destinationFolder(dest.path));

/** Where an item begins in byte order. */
export const firstKeyIn = (item: Selected): string => (item.kind === 'key' ? item.key : item.prefix);

/**
 * Orders items by where they begin. Of those that begin alike, the one that covers the others comes first, and a
 * named key before the same one of a path, so that it is missed when it is not there.
 */
export const compareStarts = (a: Selected, b: Selected): number =>
  compareKeys(firstKeyIn(a), firstKeyIn(b)) || rankOf(a) - rankOf(b);

const rankOf = (item: Selected): number => {
  if (item.kind === 'key') return item.named === true ? 1 : 2;
  return item.longer === true ? 3 : 0;
};

/** Whether all that the inner item selects is selected by the outer one. */
export const coversItem = (outer: Selected, inner: Selected): boolean => {
  if (outer.kind === 'key') return inner.kind === 'key' && inner.key === outer.key;
  if (!firstKeyIn(inner).startsWith(outer.prefix)) return false;
  if (outer.longer !== true) return true;
  return firstKeyIn(inner).length > outer.prefix.length || (inner.kind === 'prefix' && inner.longer === true);
};
