import {
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  type CreateMultipartUploadCommandInput,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';

/**
 * Uploads an object in parts, one after the other.
 *
 * @param object its place, its properties, and the checksum algorithm of the upload and its parts
 * @param bodies the bytes of each part
 */
export async function uploadInParts(
  s3: S3Client,
  object: CreateMultipartUploadCommandInput,
  bodies: readonly Uint8Array[],
): Promise<void> {
  const { Bucket, Key, ChecksumAlgorithm } = object;
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand(object));
  const at = { Bucket, Key, UploadId };
  const Parts: CompletedPart[] = [];
  for (const [index, Body] of bodies.entries()) {
    const part = { ...at, PartNumber: index + 1, ChecksumAlgorithm, Body };
    const { ETag, ChecksumSHA256 } = await s3.send(new UploadPartCommand(part));
    Parts.push({ PartNumber: part.PartNumber, ETag, ChecksumSHA256 });
  }
  await s3.send(new CompleteMultipartUploadCommand({ ...at, MultipartUpload: { Parts } }));
}
