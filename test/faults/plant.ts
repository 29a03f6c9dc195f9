import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { firstBody, partBody } from './contents.ts';
import { buckets, type Planted } from './scenario.ts';

/** Makes the buckets and the objects of the source. */
export async function plant(s3: S3Client, objects: readonly Planted[]): Promise<void> {
  for (const Bucket of Object.values(buckets)) await s3.send(new CreateBucketCommand({ Bucket }));
  await Promise.all(objects.map((object) => (object.parts === 0 ? putSimple : putParts)(s3, object)));
}

async function putSimple(s3: S3Client, object: Planted): Promise<void> {
  await s3.send(new PutObjectCommand({ Bucket: buckets.source, Key: object.key, Body: firstBody(object) }));
}

async function putParts(s3: S3Client, object: Planted): Promise<void> {
  const at = { Bucket: buckets.source, Key: object.key };
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand(at));
  const Parts = [];
  for (let PartNumber = 1; PartNumber <= object.parts; PartNumber += 1) {
    const Body = partBody(object, PartNumber);
    const { ETag } = await s3.send(new UploadPartCommand({ ...at, UploadId, PartNumber, Body }));
    Parts.push({ PartNumber, ETag });
  }
  await s3.send(new CompleteMultipartUploadCommand({ ...at, UploadId, MultipartUpload: { Parts } }));
}
