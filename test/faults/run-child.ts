import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { MiB } from '../../lambdas/core/limits.ts';
import { type Local, startLocal } from '../../local/start.ts';
import { buckets, type Planted, type Scenario } from './scenario.ts';

/** What the parent tells this process to do. */
export interface Orders {
  readonly dataDirectory: string;
  readonly scenario: Scenario;
  readonly attempt: number;
  /** The lasting faults are over. */
  readonly healed: boolean;
  /** SHA-256 of all bytes that a destination key may have. */
  readonly allowed: Readonly<Record<string, readonly string[]>>;
}

const watcherCredentials = { accessKeyId: 'watcher', secretAccessKey: 'watcherwatcher' };

/** ETags of destination keys that were found right. */
const seen = new Map<string, string>();

const orders = JSON.parse(await readFile(process.argv[2] as string, 'utf8')) as Orders;
const { scenario, attempt } = orders;
const local = await startLocal({
  dataDirectory: orders.dataDirectory,
  engine: { random: () => 0, faults: attempt === 0 ? scenario.invocations : [] },
  store: {
    seed: scenario.seed + attempt,
    credentials: [
      { accessKeyId: 'local', secretAccessKey: 'locallocal', principal: 'local' },
      { ...watcherCredentials, principal: 'watcher' },
    ],
  },
});
const s3 = new S3Client({
  endpoint: local.s3Url,
  region: 'us-east-1',
  forcePathStyle: true,
  credentials: watcherCredentials,
});

if (attempt === 0) await plant();
if (!orders.healed) for (const rule of scenario.faults) local.store?.rules.add(rule);
if (attempt === 0) for (const rule of scenario.changes) local.store?.rules.add(rule);
killAfter(local, scenario.kills[attempt]);
const arn = await begin();
const watched = watch();
const { status, error, cause } = await local.engine.waitFor(arn);
await watched.stop();
process.stdout.write(`${JSON.stringify({ status, error, cause, partial: watched.partial })}\n`);
await local.close();
process.exit(0);

async function begin(): Promise<string> {
  if (attempt === 0) {
    return local.engine.startExecution({ name: 'run', input: JSON.stringify(scenario.request) }).arn;
  }
  const arn = `${local.stateMachineArn.replace(':stateMachine:', ':execution:')}:run`;
  await local.engine.redriveExecution({ arn });
  return arn;
}

/** Counts the requests of the functions, and dies in the middle of one. */
function killAfter({ store }: Local, requests: number | undefined): void {
  if (requests === undefined) return;
  store?.rules.hook({ principal: 'local', operation: '*', skip: requests, times: 1 }, () => {
    process.kill(process.pid, 'SIGKILL');
  });
}

async function plant(): Promise<void> {
  for (const Bucket of Object.values(buckets)) await s3.send(new CreateBucketCommand({ Bucket }));
  for (const object of scenario.objects) await (object.parts === 0 ? putSimple(object) : putParts(object));
}

async function putSimple({ key }: Planted): Promise<void> {
  await s3.send(new PutObjectCommand({ Bucket: buckets.source, Key: key, Body: `first ${key}` }));
}

async function putParts({ key, parts }: Planted): Promise<void> {
  const at = { Bucket: buckets.source, Key: key };
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand(at));
  const uploaded = [];
  for (let n = 1; n <= parts; n += 1) {
    const { ETag } = await s3.send(
      new UploadPartCommand({ ...at, UploadId, PartNumber: n, Body: partBody(key, n, parts) }),
    );
    uploaded.push({ PartNumber: n, ETag });
  }
  await s3.send(
    new CompleteMultipartUploadCommand({ ...at, UploadId, MultipartUpload: { Parts: uploaded } }),
  );
}

function partBody(key: string, n: number, parts: number): Buffer {
  return Buffer.alloc(n === parts ? 9 : 5 * MiB, `${n} ${key}`);
}

/** Reads all that is visible at the destination, over and over: each object must be one whole version. */
function watch() {
  const partial: string[] = [];
  let isOver = false;
  const watching = (async () => {
    while (!isOver) {
      partial.push(...(await look()));
      await pause(50);
    }
    partial.push(...(await look()));
  })();
  return {
    partial,
    stop: async () => {
      isOver = true;
      await watching;
    },
  };
}

async function look(): Promise<string[]> {
  const { Contents } = await s3.send(
    new ListObjectsV2Command({ Bucket: buckets.destination, EncodingType: 'url' }),
  );
  const wrong: string[] = [];
  for (const { Key = '', ETag = '' } of Contents ?? []) {
    const key = decodeURIComponent(Key.replaceAll('+', ' '));
    if (key.startsWith('temp/') || seen.get(key) === ETag) continue;
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: buckets.destination, Key: key }));
    const digest = createHash('sha256')
      .update((await Body?.transformToByteArray()) ?? '')
      .digest('hex');
    if (orders.allowed[key]?.includes(digest) === true) seen.set(key, ETag);
    else wrong.push(key);
  }
  return wrong;
}
