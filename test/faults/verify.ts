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
import { cleanUp } from './clean-up.ts';
import { isTemp, targetOf, tempPrefixOf } from './contents.ts';
import type { Event } from './events.ts';
import type { Counts } from './fired.ts';
import type { Attempt, Carried, Found } from './found.ts';
import { judge } from './judge.ts';
import { buckets, type Scenario } from './scenario.ts';
import { toldOf } from './told.ts';
import { decodeKey, digestOf } from './watcher.ts';

/** What is true of a run from outside. */
export interface Verified {
  /** Nothing that another redrive would attempt is left. */
  readonly isFinal: boolean;
  readonly problems: readonly string[];
}

/** What has happened to a run until now. */
interface Happened {
  readonly fired: Counts;
  readonly events: readonly Event[];
  /** Nothing is left that would make another attempt fail. */
  readonly isHealed: boolean;
}

/** A line of `failures.jsonl`, as far as it is checked. */
const FailureLine = z.object({
  sourceKey: z.string(),
  target: z.string().optional(),
  status: z.enum([...statuses, 'refused', 'missing']),
  error: z.string().optional(),
});

const workBucket = 's3copy-work';

/** Looks at the buckets and the report of a run, with a store that has no faults. */
export async function verify(
  dataDirectory: string,
  scenario: Scenario,
  ended: Attempt,
  happened: Happened,
): Promise<Verified> {
  const found = { ...(await look(dataDirectory, scenario)), ...happened };
  const isFinal = found.report?.undeleted === 0 && !found.failures.some((line) => isHealable(scenario, line));
  const problems = judge(scenario, ended, found);
  if (!isFinal && happened.isHealed)
    problems.push(`ended ${ended.status} with failures that are healed: ${shown(found)}`);
  if (ended.status === 'SUCCEEDED' && found.uploads.length > 0)
    problems.push(`uploads are left open: ${found.uploads.join(', ')}`);
  return { isFinal, problems };
}

/** Whether a redrive can end an object better, now that nobody disturbs it. */
function isHealable({ request }: Scenario, { status, error }: z.infer<typeof FailureLine>): boolean {
  if (status === 'conflict') return request['overwrite'] !== 'never';
  return status === 'changed' || (status === 'failed' && error !== 'UnprovenError');
}

const shown = ({ failures }: Found): string => JSON.stringify(failures).slice(0, 400);

/** Uploads that `cleanup` leaves open, in words. */
export async function leftByCleanUp(dataDirectory: string, scenario: Scenario): Promise<string[]> {
  await cleanUp(dataDirectory);
  const { uploads } = await look(dataDirectory, scenario);
  return uploads.map((key) => `cleanup left an upload of ${key} open`);
}

async function look(dataDirectory: string, scenario: Scenario): Promise<Omit<Found, keyof Happened>> {
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
      told: await toldOf(s3, workBucket),
      ...(await contentOf(s3, scenario)),
      carried: await carriedOf(s3, scenario),
      partFiles: await partFilesOf(s3, scenario),
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

/** SHA-256 of what is at the destination outside the temp area, and of all that ever was where that is kept. */
async function contentOf(s3: S3Client, scenario: Scenario): Promise<Pick<Found, 'content' | 'versions'>> {
  const command = new ListObjectVersionsCommand({ Bucket: buckets.destination, EncodingType: 'url' });
  const { Versions = [] } = await s3.send(command);
  const content = new Map<string, string>();
  const versions: { key: string; digest: string }[] = [];
  for (const { Key = '', VersionId, IsLatest } of Versions) {
    const key = decodeKey(Key);
    if (isTemp(scenario, key)) continue;
    const digest = (await digestOf(s3, key, VersionId)) ?? '';
    versions.push({ key, digest });
    if (IsLatest === true) content.set(key, digest);
  }
  return { content, versions };
}

/** What the copies of objects with properties have, by target. */
async function carriedOf(s3: S3Client, scenario: Scenario): Promise<Map<string, Carried>> {
  const carried = new Map<string, Carried>();
  for (const { key, properties } of scenario.objects) {
    if (properties === undefined) continue;
    const at = { Bucket: buckets.destination, Key: targetOf(scenario, key) };
    const found = await carriedBy(s3, at);
    if (found !== undefined) carried.set(at.Key, found);
  }
  return carried;
}

async function carriedBy(
  s3: S3Client,
  at: { readonly Bucket: string; readonly Key: string },
): Promise<Carried | undefined> {
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

async function partFilesOf(s3: S3Client, scenario: Scenario): Promise<string[]> {
  const command = new ListObjectVersionsCommand({
    Bucket: buckets.destination,
    Prefix: tempPrefixOf(scenario),
    EncodingType: 'url',
  });
  const { Versions = [] } = await s3.send(command);
  return Versions.map(({ Key = '' }) => decodeKey(Key)).filter(
    (key) => isTemp(scenario, key) && key.includes('/parts/'),
  );
}
