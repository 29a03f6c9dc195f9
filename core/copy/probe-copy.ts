import type { ChecksumAlgorithm } from '@aws-sdk/client-s3';
import type { PlannedObject } from '../model/batches.ts';
import { isPlain, isSameAsOnePart } from '../model/etags.ts';
import { duringProbeUpload } from '../multipart/probe-upload.ts';
import { makeEncryption } from '../multipart/properties.ts';
import { compareWhole, wholeChecksum } from '../rules/checksums.ts';
import { hashes } from '../rules/hashes.ts';
import {
  type CopyContext,
  copyInTime,
  type Outcome,
  sourceAddress,
  targetAddress,
} from '../run/copy-context.ts';
import type { CopiedPart, ObjectHead, UploadProperties } from '../s3/object-store.ts';

/**
 * Proves that the object at the destination has the bytes of the source when no ETag or checksum shows it, for example
 * after the answer to a CopyObject was lost. S3 copies the source once more as a part of an upload of the target, which
 * returns its MD5 and CRC, and the upload is aborted. Nothing is published.
 *
 * @param object of at most 5 GiB
 * @returns undefined when the bytes differ, or when S3 returns nothing to compare them by
 * @throws {S3Error} 412 when the source changed
 */
export async function proveByProbe(
  context: CopyContext,
  object: PlannedObject,
  destination: ObjectHead,
): Promise<Pick<Outcome, 'proof'> | 'later' | undefined> {
  if (object.size !== destination.size) return undefined;
  if (object.size === 0) return { proof: 'size' };
  const properties = { ...makeEncryption(context.run.copyRequest), ...algorithmFor(destination) };
  return duringProbeUpload(context, object, properties, async ({ uploadId, isKms }) => {
    const target = targetAddress(context, object);
    const part = {
      source: sourceAddress(context, object),
      sourceEtag: object.etag,
      target,
      uploadId,
      number: 1,
    };
    const read = await copyInTime(context, object.size, () => context.destination.store.copyPart(part));
    if (read === 'later') return read;
    return isRead(destination, read, isKms) ? { proof: 'part-md5s' } : undefined;
  });
}

/**
 * The checksum that the object at the destination has of its bytes. That of the only part of an upload is one of the
 * whole by any algorithm, though S3 keeps most for uploads as those of parts alone.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html (read 2026-11-22)
 */
function algorithmFor({
  checksums,
}: ObjectHead): Pick<UploadProperties, 'ChecksumAlgorithm' | 'ChecksumType'> {
  const crc = wholeChecksum(checksums)?.algorithm;
  const other = checksums.find(({ type }) => type === 'FULL_OBJECT')?.algorithm;
  return crc === undefined && other !== undefined
    ? { ChecksumAlgorithm: other as ChecksumAlgorithm, ChecksumType: 'COMPOSITE' }
    : { ChecksumAlgorithm: crc ?? 'CRC64NVME', ChecksumType: 'FULL_OBJECT' };
}

/** Whether an object is what S3 has read, by a checksum of the whole or by its MD5. */
function isRead(destination: ObjectHead, { etag, checksums = [] }: CopiedPart, isKms: boolean): boolean {
  const common = compareWhole(destination.checksums, checksums);
  if (common !== undefined) return common.isSame;
  if (isKms || !destination.sseS3 || !isPlain(etag)) return false;
  return etag === destination.etag || isSameAsOnePart(etag, destination.etag, hashes);
}
