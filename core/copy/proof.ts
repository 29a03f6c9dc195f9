import type { CopyRequest } from '../model/copy-request.ts';
import { isPlain, multipartEtag } from '../model/etags.ts';
import type { MultipartCopy } from '../multipart/part-sources.ts';
import type { UploadRecord } from '../multipart/upload.ts';
import { combineChecksums, compareWhole, type WholeChecksum, wholeChecksum } from '../rules/checksums.ts';
import { hashes } from '../rules/hashes.ts';
import { partBytes } from '../rules/part-layout.ts';
import type { Outcome } from '../run/copy-context.ts';
import { LayoutError, ProofError, tryOtherStrategy, unprovenError } from '../run/object-errors.ts';
import type { CopiedPart, ObjectHead, Written } from '../s3/object-store.ts';
import { compareHeads, targetFields } from './resolve-conflict.ts';

/** What the target must turn out to be, known before it is published. */
export interface ExpectedProof {
  /** Made from the MD5s of the parts. Left out when the ETags of the parts are not MD5s. */
  readonly etag?: string;
  /** What S3 must verify before it publishes the target. */
  readonly checksum?: WholeChecksum;
  /** The checksum is the source's own, not one combined from the parts. */
  readonly isOfSource: boolean;
}

/** What the parts of an upload, and the source's own checksum, say of the target. */
export function expectProof(
  multipart: MultipartCopy,
  source: ObjectHead,
  { algorithm, isKms }: UploadRecord,
  parts: readonly CopiedPart[],
): ExpectedProof {
  const own = wholeChecksum(source.checksums);
  const isOfSource = own?.algorithm === algorithm;
  const checksum = isOfSource ? own : combined(multipart, algorithm, parts);
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

/** The checksum of the whole from those of all parts, if S3 returned them. */
function combined(
  multipart: MultipartCopy,
  algorithm: WholeChecksum['algorithm'],
  parts: readonly CopiedPart[],
): WholeChecksum | undefined {
  const known = parts.flatMap(({ checksum }, index) => {
    const part = multipart.parts[index];
    if (part === undefined || checksum?.algorithm !== algorithm) return [];
    return [{ value: checksum.value, size: partBytes(part) }];
  });
  if (known.length < multipart.parts.length) return undefined;
  return { algorithm, value: combineChecksums(algorithm, known) };
}

/**
 * Refuses an upload that must not be published.
 *
 * @throws {LayoutError} when the parts are not the source's after all
 * @throws {UnprovenError} when only the size could be compared
 */
export function refuseUnproven(
  multipart: MultipartCopy,
  source: ObjectHead,
  expected: ExpectedProof,
  verify: CopyRequest['verify'],
): void {
  const { key, etag } = multipart.object;
  if (
    multipart.layout.isLikeSource &&
    source.sseS3 &&
    expected.etag !== undefined &&
    expected.etag !== etag
  ) {
    throw new LayoutError(
      `${key} has ETag ${etag}, but its parts make ${expected.etag}: set \`partSize\` to a size instead of "source"`,
    );
  }
  if (verify === 'required' && expected.etag === undefined && expected.checksum === undefined)
    throw unprovenError(key);
}

/**
 * How an object ended whose target was published, and what proved it.
 *
 * @throws {ProofError} when S3 says that it is something else
 */
export function proveCopied(
  multipart: MultipartCopy,
  expected: ExpectedProof,
  made: Written,
  verify: CopyRequest['verify'],
): Outcome {
  const { key, target, etag } = multipart.object;
  if (expected.etag !== undefined && made.etag !== expected.etag) {
    const wrong = `${target} has ETag ${made.etag} instead of ${expected.etag}, which its parts make`;
    throw new ProofError(wrong, tryOtherStrategy);
  }
  const { checksum } = expected;
  const actual = made.checksums.find(({ algorithm }) => algorithm === checksum?.algorithm)?.value;
  if (actual !== undefined && actual !== checksum?.value) {
    throw new ProofError(`${target} has checksum ${actual} instead of ${checksum?.value}`, tryOtherStrategy);
  }
  const isProven = actual !== undefined;
  const ended = { status: 'copied' as const, ...targetFields(multipart.object, made) };
  if (isProven && expected.isOfSource) return { ...ended, proof: 'checksum', checksum };
  if (made.etag === etag) return { ...ended, proof: 'etag' };
  if (isProven || expected.etag !== undefined) return { ...ended, proof: 'part-md5s' };
  if (verify === 'required') throw unprovenError(key);
  return { ...ended, proof: 'size' };
}

/** How an object ended whose target is there although its upload is gone; undefined when it is something else. */
export function recognizeTarget(
  multipart: MultipartCopy,
  source: ObjectHead,
  record: UploadRecord | undefined,
  head: ObjectHead,
): Outcome | undefined {
  if (head.size !== multipart.object.size) return undefined;
  const ended = { status: 'copied' as const, ...targetFields(multipart.object, head) };
  const common = compareWhole(source.checksums, head.checksums);
  if (common?.isSame === true) {
    return { ...ended, proof: 'checksum', checksum: { algorithm: common.algorithm, value: common.value } };
  }
  if (common !== undefined) return undefined;
  if (compareHeads(source, head) !== undefined) return { ...ended, proof: 'etag' };
  const etag = multipart.etag ?? record?.expected?.etag;
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
