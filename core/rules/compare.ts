import type { CopyRequest } from '../model/copy-request.ts';
import { isPlain, isSameAsOnePart } from '../model/etags.ts';
import type { Hashes } from '../model/hashes.ts';
import type { Listed } from '../model/listed.ts';

/** A checksum that HEAD shows. */
export interface Checksum {
  readonly algorithm: string;
  readonly type: 'FULL_OBJECT' | 'COMPOSITE';
  readonly value: string;
}

/** What HEAD with checksum mode adds to a listing. */
export interface Headed {
  readonly checksums: readonly Checksum[];
  /** Encrypted with a key of S3's own, so that a plain ETag is the MD5. */
  readonly sseS3: boolean;
}

/** Why an object is to be copied. */
export type CopyReason = 'new' | 'size' | 'newer' | 'always' | 'etag' | 'checksum' | 'unproven-newer';
/** Why an object counts as unchanged. */
export type SameReason =
  | 'etag'
  | 'copy-record'
  | 'size'
  | 'not-newer'
  | 'checksum'
  | 'part-files'
  | 'unproven-older';

/** The decision on one object, or what must be asked of S3 first. */
export type Comparison =
  | { readonly action: 'copy'; readonly reason: CopyReason }
  | { readonly action: 'same'; readonly reason: SameReason }
  | { readonly action: 'ask'; readonly ask: 'heads' | 'part-files' };

/** What has been asked of S3 so far. */
export interface Evidence {
  /** Whether a copy record of an earlier run says that these two versions are the same. */
  readonly copyRecord?: boolean;
  readonly heads?: { readonly source: Headed; readonly destination: Headed };
  /** Whether `target.json` in the folder of this source version's part files names this target, its ETag and size. */
  readonly partFiles?: boolean;
}

/** Clocks of two writers may differ by this much. */
const clockSkewMillis = 5_000;

const copy = (reason: CopyReason): Comparison => ({ action: 'copy', reason });
const same = (reason: SameReason): Comparison => ({ action: 'same', reason });

/**
 * Decides whether an object is unchanged. The first row that matches wins. If a row needs evidence that is missing, the
 * result is `ask`, and the caller calls again with it.
 *
 * | `compare` | case                                                            | result                 |
 * |-----------|-----------------------------------------------------------------|------------------------|
 * | any       | the destination is absent                                       | copy, `new`            |
 * | `always`  |                                                                 | copy, `always`         |
 * | any       | the sizes differ                                                | copy, `size`           |
 * | `size`    |                                                                 | same, `size`           |
 * | `newer`   | the source is newer                                             | copy, `newer`          |
 * | `newer`   | the source is not newer                                         | same, `not-newer`      |
 * | `content` | equal ETags, or an ETag and that of one part with the same MD5  | same, `etag`           |
 * | `content` | a copy record names both ETags                                  | same, `copy-record`    |
 * | `content` | HEADs show a common checksum                                    | same/copy, `checksum`  |
 * | `content` | HEADs show that both ETags are MD5s, and they differ            | copy, `etag`           |
 * | `content` | `target.json` of the part files names this target               | same, `part-files`     |
 * | `content` | no evidence, and the source is not older                        | copy, `unproven-newer` |
 * | `content` | no evidence, and the source is older                            | same, `unproven-older` |
 *
 * @param destination undefined when absent
 */
export function compareObjects(
  mode: CopyRequest['compare'],
  source: Listed,
  destination: Listed | undefined,
  evidence: Evidence,
  hashes: Hashes,
): Comparison {
  if (destination === undefined) return copy('new');
  if (mode === 'always') return copy('always');
  if (source.size !== destination.size) return copy('size');
  if (mode === 'size') return same('size');
  if (mode === 'newer') {
    return source.lastModified > destination.lastModified ? copy('newer') : same('not-newer');
  }
  return decideByContent(source, destination, evidence, hashes);
}

function decideByContent(
  source: Listed,
  destination: Listed,
  evidence: Evidence,
  hashes: Hashes,
): Comparison {
  if (source.etag !== '' && source.etag === destination.etag) return same('etag');
  if (isSameAsOnePart(source.etag, destination.etag, hashes)) return same('etag');
  if (evidence.copyRecord === true) return same('copy-record');
  if (isWorthHeads(source, destination)) {
    if (evidence.heads === undefined) return { action: 'ask', ask: 'heads' };
    const decision = decideByHeads(source, destination, evidence.heads);
    if (decision !== undefined) return decision;
  }
  if (evidence.partFiles === undefined) return { action: 'ask', ask: 'part-files' };
  if (evidence.partFiles) return same('part-files');
  return source.lastModified >= destination.lastModified - clockSkewMillis
    ? copy('unproven-newer')
    : same('unproven-older');
}

const areBothPlain = (source: Listed, destination: Listed): boolean =>
  isPlain(source.etag) && isPlain(destination.etag);

const isWorthHeads = (source: Listed, destination: Listed): boolean =>
  areBothPlain(source, destination) ||
  (source.checksumAlgorithms ?? []).some((algorithm) => destination.checksumAlgorithms?.includes(algorithm));

function decideByHeads(
  source: Listed,
  destination: Listed,
  heads: NonNullable<Evidence['heads']>,
): Comparison | undefined {
  const isEqual = compareChecksums(heads.source.checksums, heads.destination.checksums);
  if (isEqual !== undefined) return isEqual ? same('checksum') : copy('checksum');
  const etagsAreMd5 = heads.source.sseS3 && heads.destination.sseS3 && areBothPlain(source, destination);
  return etagsAreMd5 ? copy('etag') : undefined;
}

/**
 * Whether two objects' checksums say that their bytes are equal.
 *
 * @returns undefined when they show nothing: none in common, or unequal `COMPOSITE` ones, which depend on part sizes
 */
export function compareChecksums(
  source: readonly Checksum[],
  destination: readonly Checksum[],
): boolean | undefined {
  for (const ours of source) {
    const theirs = destination.find(
      ({ algorithm, type }) => algorithm === ours.algorithm && type === ours.type,
    );
    if (theirs === undefined) continue;
    if (theirs.value === ours.value) return true;
    if (ours.type === 'FULL_OBJECT') return false;
  }
  return undefined;
}
