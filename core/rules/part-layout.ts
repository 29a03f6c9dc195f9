import { CopyError } from '../model/errors.ts';
import { countParts } from '../model/etags.ts';
import { MiB, S3Limits } from '../model/limits.ts';
import type { PartSizes } from '../model/part-files.ts';

/** A range of bytes of an object, copied as one part. */
export interface Part {
  /** From 1. */
  readonly number: number;
  /** Offset of the first byte. */
  readonly start: number;
  /** Offset of the last byte, as in an HTTP range. */
  readonly end: number;
}

/** Bytes of a part. */
export const partBytes = ({ start, end }: Part): number => end - start + 1;

/**
 * The size that an object's parts have: the wanted one, or the next whole MiB at which 10,000 parts suffice.
 *
 * @param size object size in bytes
 * @param wanted part size in bytes, from 5 MiB to 5 GiB
 * @throws {CopyError} `InvalidRequestError` when 10,000 parts of 5 GiB do not suffice
 */
export function partSizeFor(size: number, wanted: number): number {
  if (size <= wanted * S3Limits.maxParts) return wanted;
  const least = Math.ceil(size / S3Limits.maxParts / MiB) * MiB;
  if (least > S3Limits.maxPartBytes) {
    throw new CopyError(
      'InvalidRequestError',
      `object of ${size} bytes is beyond S3's 10,000 parts of 5 GiB`,
      { size },
    );
  }
  return least;
}

/**
 * Cuts an object into the byte ranges of a multipart copy. Every invocation plans the same ranges.
 *
 * @param size object size in bytes, at least 1
 * @param sizes from `partSizeFor` or `sizesOf`
 */
export function planParts(size: number, sizes: PartSizes): Part[] {
  if (typeof sizes !== 'number') return planRuns(sizes);
  return Array.from({ length: Math.ceil(size / sizes) }, (_, index) => ({
    number: index + 1,
    start: index * sizes,
    end: Math.min((index + 1) * sizes, size) - 1,
  }));
}

function planRuns(runs: Exclude<PartSizes, number>): Part[] {
  const parts: Part[] = [];
  let start = 0;
  for (const bytes of runs.flatMap(([each, count]) => Array<number>(count).fill(each))) {
    parts.push({ number: parts.length + 1, start, end: start + bytes - 1 });
    start += bytes;
  }
  return parts;
}

/**
 * The sizes of parts in their shortest form.
 *
 * @param bytes of every part, in order
 * @returns undefined when S3 would not take them as the parts of one upload
 */
export function compactSizes(bytes: readonly number[]): PartSizes | undefined {
  const [first = 0, last = 0] = [bytes[0], bytes.at(-1)];
  const isTaken = bytes.every(
    (size, index) =>
      size <= S3Limits.maxPartBytes && size >= (index < bytes.length - 1 ? S3Limits.minPartBytes : 1),
  );
  if (!isTaken || bytes.length === 0 || bytes.length > S3Limits.maxParts) return undefined;
  if (last <= first && bytes.slice(0, -1).every((size) => size === first)) return first;
  const runs: [number, number][] = [];
  for (const size of bytes) {
    const run = runs.at(-1);
    if (run?.[0] === size) run[1] += 1;
    else runs.push([size, 1]);
  }
  return runs;
}

/** How a run sizes the parts of its copies. */
export interface PartRule {
  /** The wanted part size in bytes, where it is not the source's. */
  readonly bytes: number;
  /** Whether parts are as the source's: `unproven` for those sources that have no checksum of the whole. */
  readonly likeSource: 'always' | 'unproven' | 'never';
}

/** Part size in bytes when the request names none. */
export const defaultPartBytes = 64 * MiB;

/**
 * The rule of a request.
 *
 * @param isNamed whether the request itself names a part size
 */
export function partRule(
  { partSize, strategy }: { readonly partSize: number | 'source'; readonly strategy: 'staged' | 'direct' },
  isNamed: boolean,
): PartRule {
  if (partSize === 'source') return { bytes: defaultPartBytes, likeSource: 'always' };
  return { bytes: partSize, likeSource: strategy === 'direct' && !isNamed ? 'unproven' : 'never' };
}

/** How an object is copied. */
export type ObjectKind = 'simple' | 'multipart';

/**
 * An object of at most one part is simple, whatever its ETag; a larger one is multipart if it was uploaded so, or
 * is beyond what one CopyObject copies.
 */
export function objectKind(
  object: { readonly size: number; readonly etag: string },
  rule: PartRule,
): ObjectKind {
  if (object.size > S3Limits.maxCopyObjectBytes) return 'multipart';
  const parts = countParts(object.etag) ?? 0;
  const isMore = rule.likeSource === 'always' ? parts > 1 : parts > 0 && object.size > rule.bytes;
  return isMore ? 'multipart' : 'simple';
}

/**
 * Estimates from a listing how many parts the copy of an object will have: 0 for a simple object. With the part layout of
 * the source, it is the number in its ETag.
 */
export function countPlannedParts(
  object: { readonly size: number; readonly etag: string },
  rule: PartRule,
): number {
  if (objectKind(object, rule) === 'simple') return 0;
  const sourceParts = rule.likeSource === 'never' ? undefined : countParts(object.etag);
  return sourceParts ?? Math.min(S3Limits.maxParts, Math.ceil(object.size / rule.bytes));
}

/** Part groups that the children of one large object run at most. */
export const maxPartGroups = 40;

/**
 * How many groups the parts are copied in. Each group is one iteration of the nested map.
 *
 * @param parts number of parts
 */
export const groupsFor = (parts: number): number => Math.min(parts, maxPartGroups);

/** The parts of one group, which are neighbors, so that their files are found by few listings. */
export function partsInGroup(parts: readonly Part[], group: number): readonly Part[] {
  const groups = groupsFor(parts.length);
  const first = Math.floor((group * parts.length) / groups);
  const next = Math.floor(((group + 1) * parts.length) / groups);
  return parts.slice(first, next);
}
