import { ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { ItemSource, ListedObject, ResultSink } from '../map-run/ports.ts';

/** The S3 that Distributed Maps read from and write to. */
export interface S3Settings {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
}

/** Creates the ports that list items from an S3 endpoint and write results to it. */
export function createS3Ports(settings: S3Settings): ItemSource & ResultSink & { close(): void } {
  const client = new S3Client({ ...settings, forcePathStyle: true });
  return {
    listObjects: (bucket, prefix, signal) => listObjects(client, bucket, prefix, signal),
    putObject: async (bucket, key, body, abortSignal) => {
      const type = key.endsWith('.json') ? 'application/json' : 'application/octet-stream';
      const address = { Bucket: bucket, Key: key, ContentType: type };
      // Without a length, the SDK treats an empty body as a stream and prints a warning.
      const ContentLength = Buffer.byteLength(body);
      await client.send(new PutObjectCommand({ ...address, Body: body, ContentLength }), { abortSignal });
    },
    close: () => client.destroy(),
  };
}

async function* listObjects(
  client: S3Client,
  Bucket: string,
  Prefix: string,
  abortSignal: AbortSignal,
): AsyncGenerator<readonly ListedObject[]> {
  for (let ContinuationToken: string | undefined; ; ) {
    const page = await client.send(
      new ListObjectsV2Command({ Bucket, Prefix, ContinuationToken, EncodingType: 'url' }),
      { abortSignal },
    );
    yield (page.Contents ?? []).map(
      (object): ListedObject => ({
        Etag: object.ETag ?? '',
        Key: page.EncodingType === 'url' ? decodeKey(object.Key ?? '') : (object.Key ?? ''),
        LastModified: Math.floor((object.LastModified?.getTime() ?? 0) / 1_000),
        Size: object.Size ?? 0,
        StorageClass: object.StorageClass ?? 'STANDARD',
      }),
    );
    if (!page.IsTruncated) return;
    ContinuationToken = page.NextContinuationToken;
  }
}

/** Decodes a key from a listing. S3 encodes a blank as `+`, and the SDK does not decode keys. */
const decodeKey = (key: string) => decodeURIComponent(key.replaceAll('+', ' '));
