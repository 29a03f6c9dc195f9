import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  ListBucketsCommand,
  ListObjectVersionsCommand,
  type S3Client,
} from '@aws-sdk/client-s3';

const project = join(import.meta.dirname, '..', '..');

/** What is deployed, and where. */
export interface Deployment {
  readonly profile: string;
  readonly region: string;
  /** Of the stack and the state machine. */
  readonly name: string;
  readonly source: string;
  readonly destination: string;
}

/** Runs the CDK on the stack of this deployment; its output goes to the terminal. */
export function cdk(
  command: readonly string[],
  { profile, region, name, source, destination }: Deployment,
): void {
  const context = [`name=${name}`, `source=${source}`, `destination=${destination}`].flatMap((pair) => [
    '-c',
    pair,
  ]);
  const env = { ...process.env, AWS_REGION: region };
  execFileSync('npx', ['cdk', ...command, '--profile', profile, ...context], {
    cwd: project,
    env,
    stdio: 'inherit',
  });
}

/** Makes a bucket; us-east-1 is the region that must not be named. */
export async function makeBucket(s3: S3Client, Bucket: string, region: string): Promise<void> {
  const there = { CreateBucketConfiguration: { LocationConstraint: region as 'eu-west-1' } };
  await s3.send(new CreateBucketCommand({ Bucket, ...(region === 'us-east-1' ? {} : there) }));
}

/**
 * The buckets whose names begin with that of the stack: those that were made for it, and the work bucket, which the
 * stack keeps when it is destroyed, and when its deployment fails.
 */
export async function bucketsOf(s3: S3Client, name: string): Promise<string[]> {
  const { Buckets = [] } = await s3.send(new ListBucketsCommand({ Prefix: `${name}-` }));
  return Buckets.map(({ Name = '' }) => Name);
}

/** A change of a bucket policy takes some seconds to be the same everywhere; this many answers in a row say it is. */
const answersInARow = 5;

/**
 * Waits until a key can be read, or cannot.
 *
 * @throws when that has not happened after two minutes
 */
export async function untilReadable(
  s3: S3Client,
  Bucket: string,
  Key: string,
  wanted: boolean,
): Promise<void> {
  let inARow = 0;
  for (let tries = 0; tries < 120; tries += 1) {
    inARow = (await isReadable(s3, Bucket, Key)) === wanted ? inARow + 1 : 0;
    if (inARow === answersInARow) return;
    await pause(1_000);
  }
  throw new Error(`s3://${Bucket}/${Key} is ${wanted ? 'still denied' : 'not denied yet'} after two minutes`);
}

async function isReadable(s3: S3Client, Bucket: string, Key: string): Promise<boolean> {
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
    await Body?.transformToByteArray();
    return true;
  } catch (error) {
    if ((error as Error).name === 'AccessDenied') return false;
    throw error;
  }
}

/** Removes a bucket with all that is in it. */
export async function removeBucket(s3: S3Client, Bucket: string): Promise<void> {
  while (true) {
    const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
    const Objects = [...Versions, ...DeleteMarkers].map(({ Key = '', VersionId }) => ({ Key, VersionId }));
    if (Objects.length === 0) break;
    await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }));
  }
  await s3.send(new DeleteBucketCommand({ Bucket }));
}
