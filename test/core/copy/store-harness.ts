import {
  CreateBucketCommand,
  type CreateBucketCommandInput,
  GetObjectCommand,
  HeadObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { SandboxStore } from 'sandbox-s3/server';
import { copyObject } from '../../../core/copy/copy-object.ts';
import { copyPartGroup, stagePartGroup } from '../../../core/copy/large-object.ts';
import { makePartFiles, makeTempFiles } from '../../../core/copy/make-part-files.ts';
import type { PlannedObject } from '../../../core/model/batches.ts';
import { ObjectResult } from '../../../core/model/results.ts';
import { runPaths } from '../../../core/model/run-paths.ts';
import { Deadline } from '../../../core/rules/deadline.ts';
import type { RetryPolicy } from '../../../core/rules/retry.ts';
import { copyContext } from '../../../core/run/copy-context.ts';
import { openRun, type Run, type WorkBucket } from '../../../core/run/open-run.ts';
import { ObjectStores } from '../../../core/s3/clients.ts';
import { RequestLimiter } from '../../../core/s3/request-limiter.ts';
import { copyObjects } from '../../../lambdas/copy-objects/copy-objects.ts';
import { finalizeObject } from '../../../lambdas/finalize-object/finalize-object.ts';
import { openObject } from '../../../lambdas/open-object/open-object.ts';
import { prepare } from '../../../lambdas/prepare/prepare.ts';
import { type LocalStore, startLocalStore, workBucket } from '../../support/local-store.ts';

/** A stage as the task that carries it out for one group. */
const asStep =
  (stage: Parameters<typeof stagePartGroup>[0]): typeof copyPartGroup =>
  (input, place, invocation) =>
    stagePartGroup(stage, input, place, invocation);

const once: RetryPolicy = { attempts: 1, firstMillis: 0, maxMillis: 0 };

/** A store with a source bucket, in which the use cases of the functions run without an engine. */
export class Place {
  readonly store: SandboxStore;
  readonly s3: S3Client;
  readonly close: () => Promise<void>;
  #count = 0;

  private constructor({ store, s3, stop }: LocalStore) {
    this.store = store;
    this.s3 = s3;
    this.close = stop;
  }

  static async open(): Promise<Place> {
    return new Place(await startLocalStore());
  }

  async bucket(Bucket: string, options: Partial<CreateBucketCommandInput> = {}): Promise<string> {
    await this.s3.send(new CreateBucketCommand({ ...options, Bucket }));
    return Bucket;
  }

  get #work(): WorkBucket {
    return { stores: new ObjectStores(), region: 'us-east-1', name: workBucket };
  }

  async text(Bucket: string, Key: string): Promise<string> {
    const { Body } = await this.s3.send(new GetObjectCommand({ Bucket, Key }));
    return (await Body?.transformToString()) ?? '';
  }

  /** A run from `source` to a destination, as a worker opens it. */
  async run(destination: string, request: Record<string, unknown> = {}): Promise<Run> {
    this.#count += 1;
    const execution = {
      arn: `arn:${this.#count}`,
      name: `run-${this.#count}`,
      startTime: '2026-11-22T00:00:00Z',
    };
    const input = {
      src: 's3://source',
      dest: `s3://${destination}`,
      partSize: '5MiB',
      logLevel: 'ERROR',
      ...request,
    };
    const allowed = { source: ['*'], destination: ['*'], lists: [], roles: ['*'] };
    const invocation = { requestId: 'request', deadline: new Deadline(600_000, 0) };
    await prepare({ request: input, execution }, { workBucket: this.#work, allowed }, invocation);
    return openRun(execution.name, this.#work);
  }

  /** What a plan makes of an object that the destination does not have. */
  async planned(key: string): Promise<PlannedObject> {
    const head = await this.s3.send(new HeadObjectCommand({ Bucket: 'source', Key: key }));
    const etag = (head.ETag ?? '').replaceAll('"', '');
    return { key, target: key, size: head.ContentLength ?? 0, etag, reason: 'new' };
  }

  /** Copies an object as a worker of the map of objects does. */
  async copy(run: Run, key: string, millis = 600_000) {
    const context = copyContext(run, new RequestLimiter(4, once), new Deadline(millis, 0));
    return copyObject(context, await this.planned(key));
  }

  /** Copies objects as the task of a batch does. */
  async copyAll(run: Run, keys: readonly string[]): Promise<ObjectResult[]> {
    const batch = { v: 1, run: run.name, pass: 1, batch: '000001' } as const;
    const planned = await Promise.all(keys.map((key) => this.planned(key)));
    const lines = planned.map((object, line) => ({ ...object, line }));
    await run.files.writeLines(runPaths.batch(1, 'objects', batch.batch), lines);
    await copyObjects(batch, this.#work, { requestId: 'request', deadline: new Deadline(600_000, 0) });
    const results: ObjectResult[] = [];
    for await (const path of run.files.list(runPaths.results(1, 'objects', batch.batch)))
      results.push(...(await run.files.lines(path, ObjectResult)));
    return results;
  }

  /** Copies an object as the tasks of its own workflow do. */
  async fanOut(run: Run, key: string, pass = 1, planned?: PlannedObject): Promise<ObjectResult | undefined> {
    const batch = { v: 1, run: run.name, pass, batch: '000001' } as const;
    await run.files.writeLines(runPaths.batch(pass, 'multipart', batch.batch), [
      { ...(planned ?? (await this.planned(key))), line: 0 },
    ]);
    const invocation = { requestId: `request-${pass}`, deadline: new Deadline(600_000, 0) };
    const { groups } = await openObject(batch, this.#work, invocation);
    const { strategy } = run.copyRequest;
    const steps = strategy === 'direct' ? [copyPartGroup] : [makeTempFiles, makePartFiles].map(asStep);
    for (const step of steps) {
      for (let group = 0; group < groups; group += 1) {
        await step({ ...batch, group }, this.#work, invocation);
      }
    }
    if (groups > 0) await finalizeObject(batch, this.#work, invocation);
    for await (const path of run.files.list(runPaths.results(pass, 'multipart', batch.batch))) {
      return (await run.files.lines(path, ObjectResult))[0];
    }
    return undefined;
  }
}
