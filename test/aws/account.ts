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

/** A deployment of the test. */
export interface Deployment {
  readonly profile: string;
  readonly region: string;
  /** The name of the stack and the state machine. */
  readonly name: string;
  readonly source: string;
  readonly destination: string;
}

/** Runs a CDK command for the stack of a deployment. Its output goes to the terminal. */
export function runCdk(
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

/** Creates a bucket. S3 does not accept us-east-1 as a LocationConstraint. */
export async function makeBucket(s3: S3Client, Bucket: string, region: string): Promise<void> {
  const there = { CreateBucketConfiguration: { LocationConstraint: region as 'eu-west-1' } };
  await s3.send(new CreateBucketCommand({ Bucket, ...(region === 'us-east-1' ? {} : there) }));
}

/**
 * Lists the buckets whose names start with the name of the stack: those of the test and the work bucket. CloudFormation
 * keeps the work bucket when the stack is destroyed or its deployment fails.
 */
export async function listBuckets(s3: S3Client, name: string): Promise<string[]> {
  const { Buckets = [] } = await s3.send(new ListBucketsCommand({ Prefix: `${name}-` }));
  return Buckets.map(({ Name = '' }) => Name);
}

/** A changed bucket policy is in effect when this number of requests in a row show it. That takes some seconds. */
const answersInARow = 5;

/**
 * Waits until a key can be read, or until it cannot be read.
 *
 * @throws {Error} after two minutes
 */
export async function waitUntilReadable(
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
  throw new Error(
    `reading s3://${Bucket}/${Key} is ${wanted ? 'still denied' : 'still allowed'} after two minutes`,
  );
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

/** Deletes a bucket and all its objects and versions. */
export async function removeBucket(s3: S3Client, Bucket: string): Promise<void> {
  while (true) {
    const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
    const Objects = [...Versions, ...DeleteMarkers].map(({ Key = '', VersionId }) => ({ Key, VersionId }));
    if (Objects.length === 0) break;
    await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }));
  }
  await s3.send(new DeleteBucketCommand({ Bucket }));
}
