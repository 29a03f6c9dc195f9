import {
  CreateBucketCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { uploadInParts } from '../support/uploads.ts';
import { bodyBefore, extraBody, firstBody, keysOutside, partBody, toTargetKey } from './contents.ts';
import { buckets, type Planted, type Properties, type Scenario } from './scenario.ts';

/** Creates the buckets, the objects of the source, and the objects at the destination before the run. */
export async function plant(s3: S3Client, scenario: Scenario): Promise<void> {
  for (const Bucket of Object.values(buckets)) await s3.send(new CreateBucketCommand({ Bucket }));
  if (scenario.isVersioned) await keepVersions(s3, buckets.destination);
  if (scenario.isSourceVersioned === true) await keepVersions(s3, buckets.source);
  // Targets come first: without other evidence, a target that is newer than its source counts as unchanged.
  await Promise.all(scenario.objects.map((object) => putBefore(s3, scenario, object)));
  await Promise.all([
    ...scenario.objects.map((object) => (object.parts === 0 ? putSimple : putParts)(s3, object)),
    ...sourceKeysOutside(scenario).map((Key) =>
      s3.send(new PutObjectCommand({ Bucket: buckets.source, Key, Body: Key })),
    ),
    ...scenario.extras.map((key) => put(s3, toTargetKey(scenario, key), extraBody(key))),
    ...keysOutside(scenario).map((key) => put(s3, key, extraBody(key))),
  ]);
}

async function keepVersions(s3: S3Client, Bucket: string): Promise<void> {
  const VersioningConfiguration = { Status: 'Enabled' } as const;
  await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
}

/** Keys in the source outside the folder that is copied. */
const sourceKeysOutside = ({ request }: Scenario): string[] =>
  String(request['src']).includes('/from') ? ['aside', 'from-2/aside', 'fro'] : [];

async function putBefore(s3: S3Client, scenario: Scenario, object: Planted): Promise<void> {
  const body = bodyBefore(object);
  if (body !== undefined) await put(s3, toTargetKey(scenario, object.key), body);
}

async function put(s3: S3Client, Key: string, Body: Buffer): Promise<void> {
  await s3.send(new PutObjectCommand({ Bucket: buckets.destination, Key, Body }));
}

const toUploadFields = ({ properties }: Planted) =>
  properties === undefined
    ? {}
    : {
        Metadata: { ...properties.metadata },
        StorageClass: properties.storageClass,
        Tagging: tagging(properties),
      };

const tagging = ({ tags }: Properties): string => new URLSearchParams(tags).toString();

async function putSimple(s3: S3Client, object: Planted): Promise<void> {
  const at = { Bucket: buckets.source, Key: object.key };
  await s3.send(new PutObjectCommand({ ...at, ...toUploadFields(object), Body: firstBody(object) }));
}

async function putParts(s3: S3Client, object: Planted): Promise<void> {
  const at = { Bucket: buckets.source, Key: object.key };
  const bodies = Array.from({ length: object.parts }, (_, index) => partBody(object, index + 1));
  await uploadInParts(s3, { ...at, ...toUploadFields(object) }, bodies);
}
