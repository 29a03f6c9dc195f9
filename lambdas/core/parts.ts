import { CopyError } from './errors.ts';
import { partsOf } from './etags.ts';
import { MiB, S3Limits } from './limits.ts';

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
 * Cuts an object into the byte ranges of a multipart copy. Parts are equal but for the last, so that every
 * invocation plans the same ranges.
 *
 * @param size object size in bytes, at least 1
 * @param partSize bytes, from `partSizeFor`
 */
export function planParts(size: number, partSize: number): Part[] {
  return Array.from({ length: Math.ceil(size / partSize) }, (_, index) => ({
    number: index + 1,
    start: index * partSize,
    end: Math.min((index + 1) * partSize, size) - 1,
  }));
}

/** How an object is copied. */
export type Kind = 'simple' | 'multipart';

/**
 * An object of at most one part is simple, whatever its ETag; a larger one is multipart if it was uploaded so, or
 * is beyond what one CopyObject copies.
 *
 * @param partSize the wanted part size in bytes
 */
export function kindOf(object: { readonly size: number; readonly etag: string }, partSize: number): Kind {
  if (object.size > S3Limits.maxCopyObjectBytes) return 'multipart';
  return object.size > partSize && partsOf(object.etag) !== undefined ? 'multipart' : 'simple';
}

/** Part groups that the children of one big object run at most. */
export const maxPartGroups = 40;

/**
 * How many groups the parts are copied in. Each group is one iteration of the nested map.
 *
 * @param parts number of parts
 */
export const groupsFor = (parts: number): number => Math.min(parts, maxPartGroups);

/** The parts of one group, which are neighbours, so that their files are found by few listings. */
export function partsOfGroup(parts: readonly Part[], group: number): readonly Part[] {
  const groups = groupsFor(parts.length);
  const first = Math.floor((group * parts.length) / groups);
  const next = Math.floor(((group + 1) * parts.length) / groups);
  return parts.slice(first, next);
}
