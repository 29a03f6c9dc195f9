import type { Request } from '../model/copy-request.ts';
import { isPlain, multipartEtag } from '../model/etags.ts';
import type { Job } from '../multipart/part-sources.ts';
import type { UploadRecord } from '../multipart/upload.ts';
import { combineChecksums, compareWhole, type WholeChecksum, wholeChecksum } from '../rules/checksums.ts';
import { hashes } from '../rules/hashes.ts';
import { partBytes } from '../rules/part-layout.ts';
import type { Ended } from '../run/copy-context.ts';
import { LayoutError, ProofError, tryOtherStrategy, unproven } from '../run/object-errors.ts';
import type { CopiedPart, ObjectHead, Written } from '../s3/object-store.ts';
import { proofOfSame, publishedAs } from './resolve-conflict.ts';

/** What the target must turn out to be, known before it is published. */
export interface Claim {
  /** Made of the MD5s of the parts; left out where their ETags are none. */
  readonly etag?: string;
  /** What S3 is told to hold the target to. */
  readonly checksum?: WholeChecksum;
  /** The checksum is the source's own, not one combined from the parts. */
  readonly isOfSource: boolean;
}

/** What the parts of an upload, and the source's own checksum, say of the target. */
export function claimOf(
  job: Job,
  source: ObjectHead,
  { algorithm, isKms }: UploadRecord,
  parts: readonly CopiedPart[],
): Claim {
  const own = wholeChecksum(source.checksums);
  const isOfSource = own?.algorithm === algorithm;
  const checksum = isOfSource ? own : combined(job, algorithm, parts);
  const isMd5 = !isKms && parts.every(({ etag }) => isPlain(etag));
  return {
    isOfSource,
    ...(isMd5
      ? {
          etag: multipartEtag(
            parts.map(({ etag }) => etag),
            hashes,
          ),
        }
      : {}),
    ...(checksum === undefined ? {} : { checksum }),
  };
}

/** The checksum of the whole from those of all parts, if S3 has told them. */
function combined(
  job: Job,
  algorithm: WholeChecksum['algorithm'],
  parts: readonly CopiedPart[],
): WholeChecksum | undefined {
  const known = parts.flatMap(({ checksum }, index) => {
    const part = job.parts[index];
    if (part === undefined || checksum?.algorithm !== algorithm) return [];
    return [{ value: checksum.value, size: partBytes(part) }];
  });
  if (known.length < job.parts.length) return undefined;
  return { algorithm, value: combineChecksums(algorithm, known) };
}

/**
 * Refuses what must not be published.
 *
 * @throws {LayoutError} when the parts are not the source's after all
 * @throws {UnprovenError} when only the size would vouch for the target
 */
export function refuseClaim(job: Job, source: ObjectHead, claim: Claim, verify: Request['verify']): void {
  const { key, etag } = job.object;
  if (job.cut.isLikeSource && source.sseS3 && claim.etag !== undefined && claim.etag !== etag) {
    throw new LayoutError(
      `${key} has ETag ${etag}, but its parts make ${claim.etag}: set \`partSize\` to a size instead of "source"`,
    );
  }
  if (verify === 'required' && claim.etag === undefined && claim.checksum === undefined) throw unproven(key);
}

/**
 * How an object ended whose target was published, and what proved it.
 *
 * @throws {ProofError} when S3 says that it is something else
 */
export function copiedAs(job: Job, claim: Claim, made: Written, verify: Request['verify']): Ended {
  const { key, target, etag } = job.object;
  if (claim.etag !== undefined && made.etag !== claim.etag) {
    const wrong = `${target} has ETag ${made.etag} instead of ${claim.etag}, which its parts make`;
    throw new ProofError(wrong, tryOtherStrategy);
  }
  const { checksum } = claim;
  const told = made.checksums.find(({ algorithm }) => algorithm === checksum?.algorithm)?.value;
  if (told !== undefined && told !== checksum?.value) {
    throw new ProofError(`${target} has checksum ${told} instead of ${checksum?.value}`, tryOtherStrategy);
  }
  const isProven = told !== undefined;
  const ended = { status: 'copied' as const, ...publishedAs(job.object, made) };
  if (isProven && claim.isOfSource) return { ...ended, proof: 'checksum', checksum };
  if (made.etag === etag) return { ...ended, proof: 'etag' };
  if (isProven || claim.etag !== undefined) return { ...ended, proof: 'part-md5s' };
  if (verify === 'required') throw unproven(key);
  return { ...ended, proof: 'size' };
}

/** How an object ended whose target is there although its upload is gone; undefined when it is something else. */
export function foundAs(
  job: Job,
  source: ObjectHead,
  record: UploadRecord | undefined,
  head: ObjectHead,
): Ended | undefined {
  if (head.size !== job.object.size) return undefined;
  const ended = { status: 'copied' as const, ...publishedAs(job.object, head) };
  const common = compareWhole(source.checksums, head.checksums);
  if (common?.isSame === true) {
    return { ...ended, proof: 'checksum', checksum: { algorithm: common.algorithm, value: common.value } };
  }
  if (common !== undefined) return undefined;
  if (proofOfSame(source, head) !== undefined) return { ...ended, proof: 'etag' };
  const etag = job.etag ?? record?.expected?.etag;
  const expected = record?.expected?.checksum;
  const isExpected =
    etag === undefined
      ? head.checksums.some(
          ({ algorithm, type, value }) =>
            type === 'FULL_OBJECT' && algorithm === expected?.algorithm && value === expected.value,
        )
      : head.etag === etag;
  return isExpected ? { ...ended, proof: 'part-md5s' } : undefined;
}
