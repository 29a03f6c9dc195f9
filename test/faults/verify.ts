import { join } from 'node:path';
import {
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { startSandboxStore } from 'sandbox-s3/server';
import * as z from 'zod';
import { Report } from '../../core/model/report.ts';
import { statuses } from '../../core/model/statuses.ts';
import { checkRun } from './check-run.ts';
import { cleanUp } from './clean-up.ts';
import { getTempPrefix, isTemp, toTargetKey } from './contents.ts';
import type { Event } from './events.ts';
import type { Counts } from './fault-counter.ts';
import type { Attempt, CarriedProperties, Found } from './found.ts';
import { readResults } from './results.ts';
import { buckets, type Scenario } from './scenario.ts';
import { decodeKey, readDigest } from './watcher.ts';

/** The result of the checks after an attempt. */
export interface Verified {
  /** Whether another redrive cannot improve the result. */
  readonly isFinal: boolean;
  readonly problems: readonly string[];
}

/** What happened to a run so far. */
interface History {
  readonly fired: Counts;
  readonly events: readonly Event[];
  /** Whether nothing can make another attempt fail. */
  readonly isWithoutFaults: boolean;
}

/** The fields of a line of `failures.jsonl` that are checked. */
const FailureLine = z.object({
  sourceKey: z.string(),
  target: z.string().optional(),
  status: z.enum([...statuses, 'refused', 'missing']),
  error: z.string().optional(),
});

const workBucket = 's3copy-work';

/** Checks the buckets and the report of a run, with a store without faults. */
export async function verify(
  dataDirectory: string,
  scenario: Scenario,
  ended: Attempt,
  happened: History,
): Promise<Verified> {
  const found = { ...(await look(dataDirectory, scenario)), ...happened };
  const isFinal = found.report?.undeleted === 0 && !found.failures.some((line) => isHealable(scenario, line));
  const problems = checkRun(scenario, ended, found);
  if (!isFinal && happened.isWithoutFaults)
    problems.push(
      `the run ended ${ended.status}, although a redrive can fix these failures: ${shown(found)}`,
    );
  if (ended.status === 'SUCCEEDED' && found.uploads.length > 0)
    problems.push(`these uploads are still open: ${found.uploads.join(', ')}`);
  return { isFinal, problems };
}

/** Whether a redrive without faults can improve the status of an object. */
function isHealable({ request }: Scenario, { status, error }: z.infer<typeof FailureLine>): boolean {
  if (status === 'conflict') return request['overwrite'] !== 'never';
  return status === 'changed' || (status === 'failed' && error !== 'UnprovenError');
}

const shown = ({ failures }: Found): string => JSON.stringify(failures).slice(0, 400);

/** Finds uploads that `cleanup` does not abort. */
export async function findUploadsAfterCleanup(dataDirectory: string, scenario: Scenario): Promise<string[]> {
  await cleanUp(dataDirectory);
  const { uploads } = await look(dataDirectory, scenario);
  return uploads.map((key) => `after cleanup an upload of ${key} is still open`);
}

async function look(dataDirectory: string, scenario: Scenario): Promise<Omit<Found, keyof History>> {
  const store = await startSandboxStore({ dataDirectory: join(dataDirectory, 's3') });
  const credentials = { accessKeyId: 'local', secretAccessKey: 'locallocal' };
  const s3 = new S3Client({ endpoint: store.url, region: 'us-east-1', forcePathStyle: true, credentials });
  try {
    const report = await text(s3, 'runs/run/report/report.json');
    const failures = (await text(s3, 'runs/run/report/failures.jsonl')) ?? '';
    const { Uploads = [] } = await s3.send(new ListMultipartUploadsCommand({ Bucket: buckets.destination }));
    return {
      report: report === undefined ? undefined : Report.parse(JSON.parse(report)),
      failures: failures
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => FailureLine.parse(JSON.parse(line))),
      results: await readResults(s3, workBucket),
      ...(await readContent(s3, scenario)),
      carried: await readAllCarried(s3, scenario),
      partFiles: await listPartFiles(s3, scenario),
      uploads: Uploads.map(({ Key = '' }) => Key),
    };
  } finally {
    s3.destroy();
    await store.close();
  }
}

async function text(s3: S3Client, Key: string): Promise<string | undefined> {
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: workBucket, Key }));
    return await Body?.transformToString();
  } catch (error) {
    if ((error as Error).name === 'NoSuchKey') return undefined;
    throw error;
  }
}

/** Reads the SHA-256 of the objects at the destination, and of all their versions, without part files. */
async function readContent(s3: S3Client, scenario: Scenario): Promise<Pick<Found, 'content' | 'versions'>> {
  const command = new ListObjectVersionsCommand({ Bucket: buckets.destination, EncodingType: 'url' });
  const { Versions = [] } = await s3.send(command);
  const content = new Map<string, string>();
  const versions: { key: string; digest: string }[] = [];
  for (const { Key = '', VersionId, IsLatest } of Versions) {
    const key = decodeKey(Key);
    if (isTemp(scenario, key)) continue;
    const digest = (await readDigest(s3, key, VersionId)) ?? '';
    versions.push({ key, digest });
    if (IsLatest === true) content.set(key, digest);
  }
  return { content, versions };
}

/** Reads the properties of the copies of objects with properties, by target. */
async function readAllCarried(s3: S3Client, scenario: Scenario): Promise<Map<string, CarriedProperties>> {
  const carried = new Map<string, CarriedProperties>();
  for (const { key, properties } of scenario.objects) {
    if (properties === undefined) continue;
    const at = { Bucket: buckets.destination, Key: toTargetKey(scenario, key) };
    const found = await readCarried(s3, at);
    if (found !== undefined) carried.set(at.Key, found);
  }
  return carried;
}

async function readCarried(
  s3: S3Client,
  at: { readonly Bucket: string; readonly Key: string },
): Promise<CarriedProperties | undefined> {
  try {
    const { Metadata = {}, StorageClass = 'STANDARD' } = await s3.send(new HeadObjectCommand(at));
    const { TagSet = [] } = await s3.send(new GetObjectTaggingCommand(at));
    const tags = Object.fromEntries(TagSet.map(({ Key = '', Value = '' }) => [Key, Value]));
    return { metadata: Metadata, tags, storageClass: StorageClass };
  } catch (error) {
    if ((error as Error).name === 'NotFound') return undefined;
    throw error;
  }
}

async function listPartFiles(s3: S3Client, scenario: Scenario): Promise<string[]> {
  const command = new ListObjectVersionsCommand({
    Bucket: buckets.destination,
    Prefix: getTempPrefix(scenario),
    EncodingType: 'url',
  });
  const { Versions = [] } = await s3.send(command);
  return Versions.map(({ Key = '' }) => decodeKey(Key)).filter(
    (key) => isTemp(scenario, key) && key.includes('/parts/'),
  );
}
