import {
  GetObjectCommand,
  type GetObjectCommandOutput,
  GetObjectTaggingCommand,
  ListObjectsV2Command,
  type S3Client,
} from '@aws-sdk/client-s3';
import { eachOf } from './each-of.ts';

/** What an independent comparison of two buckets found. */
export interface Comparison {
  readonly objects: number;
  readonly bytes: number;
  /** What differs, in words; empty when both are alike. */
  readonly differences: readonly string[];
}

/** All keys of a bucket, as S3 lists them. */
export async function keysOf(s3: S3Client, bucket: string): Promise<string[]> {
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
  const named = Object.fromEntries(properties.map((name) => [name, object[name]]));
  return { body: Buffer.from(body ?? []), described: JSON.stringify({ ...named, tags: TagSet }) };
}

/**
 * Compares two buckets byte for byte, with headers, metadata and tags, by nothing but plain reads: it shares no code
 * and no trust with the copy.
 *
 * @param partFiles folder of the destination that is not part of the comparison
 */
export async function compareBuckets(
  s3: S3Client,
  source: string,
  destination: string,
  partFiles: string,
): Promise<Comparison> {
  const wanted = await keysOf(s3, source);
  const found = new Set((await keysOf(s3, destination)).filter((key) => !key.startsWith(partFiles)));
  const differences: string[] = [];
  let bytes = 0;
  await eachOf(wanted, async (key) => {
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
