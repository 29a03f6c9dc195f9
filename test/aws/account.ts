import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectsCommand,
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
