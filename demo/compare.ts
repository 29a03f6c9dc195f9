import {
  GetObjectCommand,
  type GetObjectCommandOutput,
  GetObjectTaggingCommand,
  ListObjectsV2Command,
  type S3Client,
} from '@aws-sdk/client-s3';
import { forEachConcurrently } from './for-each-concurrently.ts';

/** The result of comparing two buckets. */
export interface Comparison {
  readonly objects: number;
  readonly bytes: number;
  /** Descriptions of the differences. Empty when both buckets are equal. */
  readonly differences: readonly string[];
}

/** Lists all keys of a bucket, in the order of S3. */
export async function listKeys(s3: S3Client, bucket: string): Promise<string[]> {
  const keys: string[] = [];
  let token: string | undefined;
  do {
    const page = await s3.send(
      new ListObjectsV2Command({ Bucket: bucket, EncodingType: 'url', ContinuationToken: token }),
    );
    for (const { Key = '' } of page.Contents ?? []) keys.push(decodeURIComponent(Key.replaceAll('+', ' ')));
    token = page.NextContinuationToken;
  } while (token !== undefined);
  return keys;
}

const properties = [
  'ContentType',
  'CacheControl',
  'ContentDisposition',
  'ContentEncoding',
  'ContentLanguage',
  'Metadata',
] as const satisfies readonly (keyof GetObjectCommandOutput)[];

async function read(s3: S3Client, bucket: string, key: string) {
  const address = { Bucket: bucket, Key: key };
  const object = await s3.send(new GetObjectCommand(address));
  const body = await object.Body?.transformToByteArray();
  const { TagSet } = await s3.send(new GetObjectTaggingCommand(address));
  const kept = Object.fromEntries(properties.map((name) => [name, object[name]]));
  return { body: Buffer.from(body ?? []), described: JSON.stringify({ ...kept, tags: TagSet }) };
}

/**
 * Compares the bytes, headers, metadata and tags of two buckets. It only reads objects, and shares no code with the copy.
 *
 * @param partFiles a folder of the destination that is not compared
 */
export async function compareBuckets(
  s3: S3Client,
  source: string,
  destination: string,
  partFiles: string,
): Promise<Comparison> {
  const wanted = await listKeys(s3, source);
  const found = new Set((await listKeys(s3, destination)).filter((key) => !key.startsWith(partFiles)));
  const differences: string[] = [];
  let bytes = 0;
  await forEachConcurrently(wanted, async (key) => {
    if (!found.delete(key)) {
      differences.push(`${JSON.stringify(key)} is not at the destination`);
      return;
    }
    const [from, to] = await Promise.all([read(s3, source, key), read(s3, destination, key)]);
    bytes += from.body.length;
    if (!from.body.equals(to.body)) differences.push(`${JSON.stringify(key)} has other bytes`);
    if (from.described !== to.described) {
      differences.push(`${JSON.stringify(key)} has ${to.described} instead of ${from.described}`);
    }
  });
  for (const key of found) differences.push(`${JSON.stringify(key)} is only at the destination`);
  return { objects: wanted.length, bytes, differences };
}
