import { wholeChecksum } from '../core/checksums.ts';
import { isPlain, isSameAsOnePart } from '../core/etags.ts';
import type { PlannedObject } from '../core/orders.ts';
import type { CopiedPart, ObjectHead } from '../s3/object-store.ts';
import { hashes } from '../shared/hashes.ts';
import { type CopyContext, copyInTime, type Ended, sourceOf, targetOf } from './context.ts';
import { encryptionOf } from './properties.ts';
import { duringTrial } from './trial-upload.ts';

/**
 * Whether an object that is at the destination has the bytes of a source that nothing compares with it, such as a
 * CopyObject of ours whose answer was lost: S3 copies the source once more, into an upload of the target that is ended
 * at once, and tells MD5 and CRC of what it read. Nothing is published.
 *
 * @param object of at most 5 GiB
 * @returns undefined when it has other bytes, or S3 tells nothing that they could be compared by
 * @throws {S3Failure} 412 when the source changed
 */
export async function proveByTrial(
  context: CopyContext,
  object: PlannedObject,
  destination: ObjectHead,
): Promise<Pick<Ended, 'proof'> | 'later' | undefined> {
  if (object.size !== destination.size) return undefined;
  if (object.size === 0) return { proof: 'size' };
  const ChecksumAlgorithm = wholeChecksum(destination.checksums)?.algorithm ?? 'CRC64NVME';
  const properties = {
    ...encryptionOf(context.run.request),
    ChecksumAlgorithm,
    ChecksumType: 'FULL_OBJECT' as const,
  };
  return duringTrial(context, object, properties, async ({ uploadId, isKms }) => {
    const target = targetOf(context, object);
    const part = { source: sourceOf(context, object), sourceEtag: object.etag, target, uploadId, number: 1 };
    const read = await copyInTime(context, object.size, () => context.destination.store.copyPart(part));
    if (read === 'later') return read;
    return isRead(destination, read, isKms) ? { proof: 'part-md5s' } : undefined;
  });
}

/** Whether an object is what S3 has read, by the CRC of the whole or by its MD5. */
function isRead(destination: ObjectHead, { etag, checksum }: CopiedPart, isKms: boolean): boolean {
  const whole = wholeChecksum(destination.checksums);
  if (whole !== undefined && whole.algorithm === checksum?.algorithm) return whole.value === checksum.value;
  if (isKms || !destination.sseS3 || !isPlain(etag)) return false;
  return etag === destination.etag || isSameAsOnePart(etag, destination.etag, hashes);
}
