import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateBucketCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type PutObjectCommandInput,
  S3Client,
} from '@aws-sdk/client-s3';
import { expect } from 'vitest';
import { localCredentials } from '../../cli/local/local-credentials.ts';
import { type Local, type LocalOptions, startLocal } from '../../cli/local/start.ts';
import { MiB } from '../../core/model/limits.ts';
import { Report } from '../../core/model/report.ts';
import { withoutChecksums } from '../support/local-store.ts';
import { uploadInParts } from '../support/uploads.ts';

/** A run that has ended. */
export interface Ended {
  readonly name: string;
  readonly arn: string;
  readonly status: string;
  readonly error: string;
  readonly cause: string;
  /** Left out when the run ended before its report. */
  readonly report: Report | undefined;
  readonly failures: readonly Record<string, unknown>[];
}

type Properties = Partial<PutObjectCommandInput>;

type Options = Partial<LocalOptions>;

const partOfTest = 5 * MiB;

/** Full jitter that always draws nought: what the functions repeat, they repeat at once. */
export const withoutWaits = {
  '*': { environment: { NODE_OPTIONS: '--import=data:text/javascript,Math.random=()=>0' } },
} as const;

/** The whole of s3copy on this machine, with buckets to copy. */
export class World {
  static #shared: Promise<World> | undefined;
  readonly local: Local;
  readonly s3: S3Client;
  readonly #folder: string;
  /** Tells names apart on a server that other tests use too. */
  readonly #suffix: string;
  #count = 0;

  private constructor(
    local: Local,
    folder: string,
    { credentials = localCredentials, endpointUrl }: Options,
  ) {
    this.local = local;
    this.#folder = folder;
    this.#suffix = endpointUrl === undefined ? '' : `-${randomBytes(4).toString('hex')}`;
    this.s3 = new S3Client({
      endpoint: local.s3Url,
      region: 'us-east-1',
      forcePathStyle: true,
      credentials,
      // Some servers also tell wrong checksums of copies.
      ...withoutChecksums,
    });
  }

  /** A world with its own store and engine. */
  static async start(options: Options = {}): Promise<World> {
    const folder = await mkdtemp(join(tmpdir(), 's3copy-test-'));
    // Full jitter that always draws nought: what the state machine repeats, it repeats at once.
    const engine = { random: () => 0, ...options.engine };
    const local = await startLocal({ dataDirectory: folder, ...options, engine });
    return new World(local, folder, options);
  }

  /**
   * The world that all test files of a process share, since its functions take long to start. Faults of the engine
   * would outlive the file, so that tests which add some start their own world.
   */
  static async shared(): Promise<World> {
    World.#shared ??= World.start();
    return World.#shared;
  }

  /** No function may have lacked a right, whatever happened in the runs. */
  async stop(): Promise<void> {
    if (this === (await World.#shared)) {
      this.store.rules.clear();
    } else {
      await this.local.close();
      await rm(this.#folder, { recursive: true });
    }
    expect([...(this.local.store?.denied ?? [])]).toEqual([]);
  }

  get store(): NonNullable<Local['store']> {
    return this.local.store as NonNullable<Local['store']>;
  }

  /** Makes an empty source and an empty destination. */
  async buckets(): Promise<{ source: string; destination: string }> {
    const of = this.#next();
    const names = { source: `source-${of}`, destination: `destination-${of}` };
    for (const bucket of Object.values(names)) await this.bucket(bucket);
    return names;
  }

  async bucket(name: string): Promise<void> {
    await this.s3.send(new CreateBucketCommand({ Bucket: name }));
  }

  async put(
    bucket: string,
    key: string,
    body: string | Uint8Array = `body of ${key}`,
    properties: Properties = {},
  ) {
    await this.s3.send(new PutObjectCommand({ ...properties, Bucket: bucket, Key: key, Body: body }));
  }

  /** Uploads in parts of 5 MiB, the last of one byte more than nothing. */
  async putParts(
    bucket: string,
    key: string,
    parts: number,
    properties: Properties = {},
    seed = 1,
  ): Promise<void> {
    const bodies = Array.from({ length: parts }, (_, index) =>
      Buffer.alloc(index + 1 === parts ? 1 : partOfTest, `${seed}-${index + 1}-${key}`),
    );
    await uploadInParts(this.s3, { Bucket: bucket, Key: key, ...(properties as object) }, bodies);
  }

  /** Runs a request to its end. The sums of every report must add up. */
  async run(request: Record<string, unknown>): Promise<Ended> {
    const small = { partSize: '5MiB', fanOutAbove: '20MiB' };
    const name = `run-${this.#next()}`;
    const { arn } = this.local.engine.startExecution({
      name,
      input: JSON.stringify({ ...small, ...request }),
    });
    return this.ended(name, arn);
  }

  #next(): string {
    this.#count += 1;
    return `${this.#count}${this.#suffix}`;
  }

  async redrive({ name, arn }: Ended): Promise<Ended> {
    await this.local.engine.redriveExecution({ arn });
    return this.ended(name, arn);
  }

  async ended(name: string, arn: string): Promise<Ended> {
    const { status, error, cause } = await this.local.engine.waitFor(arn);
    const text = await this.text(this.local.workBucket, `runs/${name}/report/report.json`);
    const report = text === undefined ? undefined : Report.parse(JSON.parse(text));
    if (report !== undefined) expectSums(report);
    const lines = (await this.text(this.local.workBucket, `runs/${name}/report/failures.jsonl`)) ?? '';
    const failures = lines.split('\n').filter((line) => line !== '');
    if (report !== undefined) expectEachCounted(report, failures.length);
    return {
      name,
      arn,
      status,
      error: error ?? '',
      cause: cause ?? '',
      report,
      failures: failures.map((line) => JSON.parse(line) as Record<string, unknown>),
    };
  }

  async text(bucket: string, key: string): Promise<string | undefined> {
    try {
      const { Body } = await this.s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      return await Body?.transformToString();
    } catch (error) {
      if ((error as Error).name === 'NoSuchKey') return undefined;
      throw error;
    }
  }

  /** All keys of a bucket and the SHA-256 of their bytes; part files left out. */
  async content(bucket: string): Promise<Record<string, string>> {
    const content: Record<string, string> = {};
    for (const key of await this.keys(bucket)) {
      if (key.startsWith('temp/')) continue;
      const { Body } = await this.s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      content[key] = createHash('sha256')
        .update((await Body?.transformToByteArray()) ?? '')
        .digest('hex');
    }
    return content;
  }

  async keys(bucket: string): Promise<string[]> {
    const keys: string[] = [];
    let ContinuationToken: string | undefined;
    do {
      const page = await this.s3.send(
        new ListObjectsV2Command({ Bucket: bucket, EncodingType: 'url', ContinuationToken }),
      );
      const isEncoded = page.EncodingType === 'url';
      keys.push(
        ...(page.Contents ?? []).map(({ Key = '' }) =>
          isEncoded ? decodeURIComponent(Key.replaceAll('+', ' ')) : Key,
        ),
      );
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken !== undefined);
    return keys;
  }

  /** What a copy must keep of an object besides its bytes. */
  async properties(bucket: string, key: string) {
    const head = await this.s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
    const { TagSet } = await this.s3.send(new GetObjectTaggingCommand({ Bucket: bucket, Key: key }));
    return {
      type: head.ContentType,
      cache: head.CacheControl,
      disposition: head.ContentDisposition,
      encoding: head.ContentEncoding,
      language: head.ContentLanguage,
      expires: head.ExpiresString,
      metadata: head.Metadata,
      tags: Object.fromEntries((TagSet ?? []).map(({ Key, Value }) => [Key, Value])),
    };
  }

  async openUploads(bucket: string): Promise<string[]> {
    const { Uploads } = await this.s3.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
    return (Uploads ?? []).map(({ Key = '' }) => Key);
  }
}

/** Each line of `failures.jsonl` is counted by its reason. */
function expectEachCounted({ failures }: Report, lines: number): void {
  expect(failures.reduce((sum, { objects }) => sum + objects, 0)).toBe(lines);
}

/** listed = same + filtered + refused + planned; planned = copied + vanished + changed + archived + conflict + failed. */
function expectSums(report: Report): void {
  const { listed, same, filtered, refused, planned, shown } = report;
  expect(listed).toBe(same + filtered + refused + planned + shown);
  if (report.destination !== undefined) expect(shown).toBe(0);
  if (report.outcome === 'planned' || report.outcome === 'compared') return;
  const { copied, vanished, changed, archived, conflict, failed } = report;
  expect(planned).toBe(copied + vanished + changed + archived + conflict + failed);
}
