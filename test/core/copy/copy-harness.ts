import {
  type ChecksumAlgorithm,
  CreateBucketCommand,
  GetObjectCommand,
  type GetObjectCommandOutput,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutBucketEncryptionCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { RecordedRequest } from 'sandbox-s3/request-log';
import type { SandboxStore } from 'sandbox-s3/server';
import { expect } from 'vitest';
import { copyObject } from '../../../core/copy/copy-object.ts';
import type { PlannedObject } from '../../../core/model/batches.ts';
import { unquote } from '../../../core/model/etags.ts';
import { Deadline } from '../../../core/rules/deadline.ts';
import { copyContext, type OutcomeOrLater } from '../../../core/run/copy-context.ts';
import { openRun } from '../../../core/run/open-run.ts';
import { ObjectStores } from '../../../core/s3/clients.ts';
import { RequestLimiter } from '../../../core/s3/request-limiter.ts';
import { prepare } from '../../../lambdas/prepare/prepare.ts';
import { type LocalStore, startLocalStore, withoutChecksums, workBucket } from '../../support/local-store.ts';
import { uploadInParts } from '../../support/uploads.ts';

const once = { attempts: 1, firstMillis: 0, maxMillis: 0 };
const writes = [
  'PutObject',
  'CreateMultipartUpload',
  'UploadPartCopy',
  'CompleteMultipartUpload',
  'CopyObject',
];

/** One run that copies `big`, as a worker has it. */
export interface Copying {
  readonly destination: string;
  readonly copy: () => Promise<OutcomeOrLater>;
}

/** Copies of one object within this process, against a store of their own. */
export class Bench {
  readonly store: SandboxStore;
  readonly s3: S3Client;
  readonly stop: () => Promise<void>;
  #count = 0;

  private constructor({ store, s3, stop }: LocalStore) {
    this.store = store;
    this.s3 = s3;
    this.stop = stop;
  }

  static async start(): Promise<Bench> {
    return new Bench(await startLocalStore(withoutChecksums));
  }

  async bucket(Bucket: string, isKms = false): Promise<void> {
    await this.s3.send(new CreateBucketCommand({ Bucket }));
    if (!isKms) return;
    const Rules = [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' as const } }];
    const ServerSideEncryptionConfiguration = { Rules };
    await this.s3.send(new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration }));
  }

  /**
   * Uploads `big` in parts of these sizes.
   *
   * @param algorithm of a composite checksum; left out: S3 adds one of the whole
   */
  async upload(
    bucket: string,
    sizes: readonly number[],
    algorithm?: ChecksumAlgorithm,
  ): Promise<PlannedObject> {
    const checksums =
      algorithm === undefined ? {} : { ChecksumAlgorithm: algorithm, ChecksumType: 'COMPOSITE' as const };
    const object = { Bucket: bucket, Key: 'big', ContentType: 'text/x', ...checksums };
    const bodies = sizes.map((size, index) => Buffer.alloc(size, `part ${index + 1} of ${bucket}`));
    await uploadInParts(this.s3, object, bodies);
    return { key: 'big', target: 'big', reason: 'new', ...(await this.seen(bucket)) };
  }

  /** ETag and size of `big`. */
  async seen(bucket: string): Promise<{ etag: string; size: number }> {
    const head = await this.s3.send(new HeadObjectCommand({ Bucket: bucket, Key: 'big' }));
    return { etag: unquote(head.ETag ?? ''), size: head.ContentLength ?? 0 };
  }

  /** A run of its own destination. */
  async run(
    source: string,
    object: PlannedObject,
    request: Record<string, unknown>,
    isKms = false,
  ): Promise<Copying> {
    this.#count += 1;
    const destination = `destination-${this.#count}`;
    await this.bucket(destination, isKms);
    const place = { stores: new ObjectStores(), region: 'us-east-1', name: workBucket };
    const execution = {
      arn: `arn:${this.#count}`,
      name: `run-${this.#count}`,
      startTime: '2026-11-22T00:00:00Z',
    };
    const input = {
      src: `s3://${source}`,
      dest: `s3://${destination}`,
      concurrency: 1,
      logLevel: 'ERROR',
      ...request,
    };
    await prepare(
      { request: input, execution },
      { workBucket: place, allowed: { source: ['*'], destination: ['*'], lists: [] } },
      { requestId: 'request', deadline: new Deadline(600_000, 0) },
    );
    const copy = async () => {
      const run = await openRun(execution.name, place);
      return copyObject(copyContext(run, new RequestLimiter(1, once), new Deadline(600_000, 0)), object);
    };
    return { destination, copy };
  }

  /** The writes that some work asks for. */
  async recorded(work: () => Promise<unknown>): Promise<{ result: unknown; writes: RecordedRequest[] }> {
    const recording = this.store.requests.record();
    const result = await work();
    recording.stop();
    return { result, writes: recording.requests.filter(({ operation }) => writes.includes(operation ?? '')) };
  }

  /**
   * Copies until a write at the destination gets lost, and the invocation with it.
   *
   * @param step number of that write, from 0
   * @param when whether the write has its effect
   */
  async interrupt({ destination, copy }: Copying, step: number, when: 'before' | 'after'): Promise<void> {
    const where = { operation: writes, bucket: destination };
    const cut = this.store.rules.add({ kind: 'reset', ...where, when, skip: step, times: 1 });
    const dead = this.store.rules.hook({ ...where, skip: step + 1 }, () => {
      throw new Error('the invocation is dead');
    });
    await copy().catch((error: Error) => error);
    cut.remove();
    dead.remove();
  }

  /** The target has the source's bytes and headers, and nothing is left open. */
  async expectRight(source: string, destination: string): Promise<void> {
    const [wanted, got] = await Promise.all(
      [source, destination].map((Bucket) => this.s3.send(new GetObjectCommand({ Bucket, Key: 'big' }))),
    );
    expect(got?.ContentType).toBe('text/x');
    const [a, b] = await Promise.all([bytesOf(wanted), bytesOf(got)]);
    expect(Buffer.compare(a, b)).toBe(0);
    expect(await this.openUploads(destination)).toEqual([]);
  }

  async openUploads(bucket: string): Promise<string[]> {
    const { Uploads = [] } = await this.s3.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
    return Uploads.map(({ UploadId = '' }) => UploadId);
  }

  async keys(bucket: string): Promise<string[]> {
    const { Contents = [] } = await this.s3.send(new ListObjectsV2Command({ Bucket: bucket }));
    return Contents.map(({ Key = '' }) => Key);
  }
}

const bytesOf = async (answer: GetObjectCommandOutput | undefined): Promise<Uint8Array> =>
  (await answer?.Body?.transformToByteArray()) ?? new Uint8Array();
