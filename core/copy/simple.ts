import type { PlannedObject } from '../model/batches.ts';
import { countParts, isPlain, isSameAsOnePart } from '../model/etags.ts';
import { writeTarget } from '../multipart/permission-errors.ts';
import { probeUpload } from '../multipart/probe-upload.ts';
import { copyProperties, needsHead } from '../multipart/properties.ts';
import { compareWhole } from '../rules/checksums.ts';
import type { Checksum } from '../rules/compare.ts';
import { hashes } from '../rules/hashes.ts';
import {
  type CopyContext,
  copyInTime,
  type Outcome,
  type OutcomeOrLater,
  sourceAddress,
  targetAddress,
  writeCondition,
} from '../run/copy-context.ts';
import { ProofError, SourceChangedError, unprovenError } from '../run/object-errors.ts';
import type { ObjectHead, Written } from '../s3/object-store.ts';
import { isHead, lookAtSource, targetFields } from './resolve-conflict.ts';

/**
 * Copies an object of at most 5 GiB with one CopyObject, on the condition that source and destination are still as
 * the plan saw them.
 *
 * @throws {S3Error} also when a condition is refused
 * @throws {UnprovenError} when the copy request wants a proof and none is possible
 */
export async function copySimple(context: CopyContext, object: PlannedObject): Promise<OutcomeOrLater> {
  const { store } = context.destination;
  const mustProve = context.run.copyRequest.verify === 'required' && !hasWhole(object.checksums);
  const head = needsHead(context) || mustProve ? await lookAtSource(context, object) : undefined;
  if (head !== undefined && !isHead(head)) return head;
  if (head !== undefined && head.etag !== object.etag)
    throw new SourceChangedError(`${object.key} changed in the source`);
  const checksums = head?.checksums ?? object.checksums ?? [];
  if (mustProve && head !== undefined && !(await isProvable(context, object, head)))
    throw unprovenError(object.key);
  const properties = await copyProperties(context, object, head);
  const written = await writeTarget(context, object, properties, () =>
    copyInTime(context, object.size, () =>
      store.copy(
        sourceAddress(context, object),
        object.etag,
        targetAddress(context, object),
        writeCondition(context, object),
        properties,
      ),
    ),
  );
  if (written === 'later') return 'later';
  return {
    status: 'copied',
    ...prove(context, object, written, checksums),
    ...targetFields(object, written),
  };
}

/**
 * Whether something will be able to prove a copy, which must be known before it is published: a checksum of the whole,
 * or ETags that are MD5s at both ends.
 */
async function isProvable(
  context: CopyContext,
  object: PlannedObject,
  { checksums, sseS3 }: ObjectHead,
): Promise<boolean> {
  if (hasWhole(checksums)) return true;
  const isMd5 = sseS3 && (isPlain(object.etag) || countParts(object.etag) === 1);
  return isMd5 && !(await encryptsByKms(context, object));
}

const hasWhole = (checksums: readonly Checksum[] = []): boolean =>
  checksums.some(({ type }) => type === 'FULL_OBJECT');

/**
 * Finds the proof of a copy: a checksum of the whole object that both ends have, or equal MD5s. For any other source,
 * CopyObject itself guarantees that S3 copied one whole version, and only the size is compared.
 *
 * @throws {UnprovenError} when a proof is wanted and S3 returns less about the copy than about the source
 */
function prove(
  { run }: CopyContext,
  object: PlannedObject,
  written: Written,
  checksums: readonly Checksum[],
): Pick<Outcome, 'proof' | 'checksum'> {
  const common = compareWhole(checksums, written.checksums);
  if (common?.isSame === false) {
    throw new ProofError(
      `${object.target} has another ${common.algorithm} than the source's ${common.value}`,
      'compare both objects; if the copy is wrong, delete it and start a new run with a smaller `partSize`, which copies it in parts',
    );
  }
  if (common !== undefined) {
    return { proof: 'checksum', checksum: { algorithm: common.algorithm, value: common.value } };
  }
  const isEqual = object.etag === written.etag || isSameAsOnePart(object.etag, written.etag, hashes);
  // Some servers keep the ETag of an upload when they copy it.
  if (written.etag !== '' && isEqual) return { proof: 'etag' };
  if (run.copyRequest.verify === 'required') throw unprovenError(object.key);
  return { proof: 'size' };
}

const knownEncryption = new WeakMap<CopyContext, Promise<boolean>>();

/**
 * Whether copies are encrypted with a KMS key, so that their ETags are not MD5s. If the bucket decides, an upload that is
 * opened and aborted at once shows it. This needs no other permission and publishes nothing. It is done once per
 * invocation.
 */
function encryptsByKms(context: CopyContext, object: PlannedObject): Promise<boolean> {
  const { sse } = context.run.copyRequest;
  if (sse !== undefined) return Promise.resolve(sse.algorithm === 'aws:kms');
  const before = knownEncryption.get(context);
  if (before !== undefined) return before;
  const asked = probeUpload(context, object, {}).then(({ isKms }) => isKms);
  knownEncryption.set(context, asked);
  asked.catch(() => knownEncryption.delete(context));
  return asked;
}
