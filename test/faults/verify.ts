import { createHash } from 'node:crypto';
import { join } from 'node:path';
import {
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  S3Client,
} from '@aws-sdk/client-s3';
import { Report } from '../../lambdas/core/report.ts';
import { startSandboxStore } from '../../local/s3/server.ts';
import { buckets } from './scenario.ts';

/** What is true of a run from outside. */
export interface Verified {
  /** Nothing that another redrive would attempt is left. */
  readonly isFinal: boolean;
  problems(status: string, cause: string): string[];
}

const workBucket = 's3copy-work';

/**
 * Looks at the buckets and the report of a run, with a store that has no faults.
 *
 * @param allowed SHA-256 of all bytes that each destination key may have
 */
export async function verify(
  dataDirectory: string,
  allowed: Readonly<Record<string, readonly string[]>>,
): Promise<Verified> {
  const store = await startSandboxStore({ dataDirectory: join(dataDirectory, 's3') });
  const credentials = { accessKeyId: 'local', secretAccessKey: 'locallocal' };
  const s3 = new S3Client({ endpoint: store.url, region: 'us-east-1', forcePathStyle: true, credentials });
  try {
    const report = await text(s3, workBucket, 'runs/run/report/report.json');
    const failures = (await text(s3, workBucket, 'runs/run/report/failures.jsonl')) ?? '';
    const content = await read(s3);
    const { Uploads } = await s3.send(new ListMultipartUploadsCommand({ Bucket: buckets.destination }));
    const uploads = (Uploads ?? []).map(({ Key = '' }) => Key);
    return judge({ report, failures, content, uploads, allowed });
  } finally {
    s3.destroy();
    await store.close();
  }
}

interface Found {
  readonly report: string | undefined;
  readonly failures: string;
  readonly content: ReadonlyMap<string, string>;
  readonly uploads: readonly string[];
  readonly allowed: Readonly<Record<string, readonly string[]>>;
}

function judge({ report, failures, content, uploads, allowed }: Found): Verified {
  const told = report === undefined ? undefined : Report.parse(JSON.parse(report));
  const lines = failures.split('\n').filter((line) => line !== '');
  const failed = lines.map((line) => JSON.parse(line) as { target: string; status: string });
  const hasHope = failed.some(
    ({ status }) => status === 'failed' || status === 'conflict' || status === 'changed',
  );
  return {
    isFinal: told !== undefined && !hasHope,
    problems: (status, cause) => [
      ...(told === undefined ? [`ended ${status} without a report: ${cause}`] : sums(told)),
      ...(told === undefined ? [] : missing(told, failed, content, allowed)),
      ...wrongBytes(content, allowed),
      ...(status === 'SUCCEEDED' ? uploads.map((key) => `an upload of ${key} is left open`) : []),
      ...(hasHope ? [`ended ${status} with failures that are healed: ${failures.slice(0, 400)}`] : []),
    ],
  };
}

const wrongBytes = (content: Found['content'], allowed: Found['allowed']): string[] =>
  [...content].flatMap(([key, digest]) =>
    allowed[key]?.includes(digest) === true
      ? []
      : [`${JSON.stringify(key)} has bytes of no version of its source`],
  );

function sums(told: Report): string[] {
  const { listed, same, filtered, refused, planned } = told;
  const { copied, vanished, changed, archived, conflict, failed } = told;
  const isRight =
    listed === same + filtered + refused + planned &&
    planned === copied + vanished + changed + archived + conflict + failed;
  return isRight ? [] : [`the sums do not add up: ${JSON.stringify(told)}`];
}

/** Each planned object is at the destination, or told of; the vanished ones by their number. */
function missing(
  told: Report,
  failed: readonly { readonly target: string }[],
  content: Found['content'],
  allowed: Found['allowed'],
): string[] {
  const toldOf = new Set(failed.map(({ target }) => target));
  const absent = Object.keys(allowed).filter((key) => !content.has(key) && !toldOf.has(key));
  const gone = told.vanished + (Object.keys(allowed).length - told.listed);
  return absent.length > gone ? [`not there and not told of: ${absent.join(', ')} (${gone} vanished)`] : [];
}

async function text(s3: S3Client, Bucket: string, Key: string): Promise<string | undefined> {
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
    return await Body?.transformToString();
  } catch (error) {
    if ((error as Error).name === 'NoSuchKey') return undefined;
    throw error;
  }
}

async function read(s3: S3Client): Promise<Map<string, string>> {
  const { Contents } = await s3.send(
    new ListObjectsV2Command({ Bucket: buckets.destination, EncodingType: 'url' }),
  );
  const content = new Map<string, string>();
  for (const { Key = '' } of Contents ?? []) {
    const key = decodeURIComponent(Key.replaceAll('+', ' '));
    if (key.startsWith('temp/')) continue;
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: buckets.destination, Key: key }));
    content.set(
      key,
      createHash('sha256')
        .update((await Body?.transformToByteArray()) ?? '')
        .digest('hex'),
    );
  }
  return content;
}
