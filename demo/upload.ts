import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { forEachConcurrently } from './for-each-concurrently.ts';
import type { DemoObject } from './tree.ts';

/** Uploads objects to a bucket, several at the same time. */
export const uploadAll = (s3: S3Client, bucket: string, objects: readonly DemoObject[]): Promise<void> =>
  forEachConcurrently(objects, (object) =>
    object.partSize === undefined ? put(s3, bucket, object) : putParts(s3, bucket, object),
  );

const toUploadFields = ({ headers, metadata, tags }: DemoObject) => ({
  ...headers,
  Metadata: metadata,
  Tagging: tags,
});

async function put(s3: S3Client, bucket: string, object: DemoObject): Promise<void> {
  const { key: Key, body: Body } = object;
  const input = { Bucket: bucket, Key, Body, ContentLength: Body.length, ...toUploadFields(object) };
  await s3.send(new PutObjectCommand(input));
}

async function putParts(s3: S3Client, bucket: string, object: DemoObject): Promise<void> {
  const { key: Key, body, partSize = body.length } = object;
  const address = { Bucket: bucket, Key };
  const { UploadId } = await s3.send(
    new CreateMultipartUploadCommand({ ...address, ...toUploadFields(object) }),
  );
  const Parts: { ETag: string | undefined; PartNumber: number }[] = [];
  for (let start = 0; start < body.length; start += partSize) {
    const PartNumber = Parts.length + 1;
    const Body = body.subarray(start, start + partSize);
    const { ETag } = await s3.send(new UploadPartCommand({ ...address, UploadId, PartNumber, Body }));
    Parts.push({ ETag, PartNumber });
  }
  await s3.send(new CompleteMultipartUploadCommand({ ...address, UploadId, MultipartUpload: { Parts } }));
}
