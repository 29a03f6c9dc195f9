import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutBucketEncryptionCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { SandboxStore } from 'sandbox-s3/server';
import { CopyRecordIndex } from '../../../core/model/copy-records.ts';
import { MiB } from '../../../core/model/limits.ts';
import { Report } from '../../../core/model/report.ts';
import { Deadline } from '../../../core/rules/deadline.ts';
import { listBatches } from '../../../core/run/batches.ts';
import type { WorkBucket } from '../../../core/run/open-run.ts';
import { openRun } from '../../../core/run/open-run.ts';
import { ObjectStores } from '../../../core/s3/clients.ts';
import { copyObjects } from '../../../lambdas/copy-objects/copy-objects.ts';
import { finalizeObject } from '../../../lambdas/finalize-object/finalize-object.ts';
import { openObject } from '../../../lambdas/open-object/open-object.ts';
import { plan } from '../../../lambdas/plan/plan.ts';
import { prepare } from '../../../lambdas/prepare/prepare.ts';
import { report } from '../../../lambdas/report/report.ts';
import { type LocalStore, startLocalStore, withoutChecksums, workBucket } from '../../support/local-store.ts';
import { uploadInParts } from '../../support/uploads.ts';

/** Milliseconds of an invocation that has time for everything. */
const longTime = 600_000;

/** Whole runs within this process, against a store of their own: what the state machine does, without it. */
export class Runs {
  readonly store: SandboxStore;
  readonly s3: S3Client;
  readonly stop: () => Promise<void>;
  #count = 0;

  private constructor({ store, s3, stop }: LocalStore) {
    this.store = store;
    this.s3 = s3;
    this.stop = stop;
  }

  static async start(): Promise<Runs> {
    return new Runs(await startLocalStore(withoutChecksums));
  }

  get place(): WorkBucket {
    return { stores: new ObjectStores(), region: 'us-east-1', name: workBucket };
  }

  /** A new source and a new destination, and the request that copies the one to the other. */
  async ends({ isKms = false } = {}): Promise<Ends> {
    this.#count += 1;
    const ends = { source: `source-${this.#count}`, destination: `destination-${this.#count}` };
    for (const Bucket of Object.values(ends)) await this.s3.send(new CreateBucketCommand({ Bucket }));
    const Rules = [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' as const } }];
    const ServerSideEncryptionConfiguration = { Rules };
    const encryption = { Bucket: ends.destination, ServerSideEncryptionConfiguration };
    if (isKms) await this.s3.send(new PutBucketEncryptionCommand(encryption));
    const request = { src: `s3://${ends.source}`, dest: `s3://${ends.destination}`, partSize: '5MiB' };
    return { ...ends, request };
  }

  async put(Bucket: string, Key: string, Body: string | Uint8Array = `body of ${Key}`): Promise<void> {
    await this.s3.send(new PutObjectCommand({ Bucket, Key, Body }));
  }

  /** Uploads two parts, of 6 MiB and a few bytes. */
  async putParts(Bucket: string, Key: string, fill = Key): Promise<void> {
    await uploadInParts(this.s3, { Bucket, Key }, [Buffer.alloc(6 * MiB, fill), Buffer.alloc(7, fill)]);
  }

  async delete(Bucket: string, Key: string): Promise<void> {
    await this.s3.send(new DeleteObjectCommand({ Bucket, Key }));
  }

  async keys(Bucket: string, Prefix = ''): Promise<string[]> {
    const { Contents = [] } = await this.s3.send(new ListObjectsV2Command({ Bucket, Prefix }));
    return Contents.map(({ Key = '' }) => Key);
  }

  async text(Key: string, Bucket: string = workBucket): Promise<string> {
    const { Body } = await this.s3.send(new GetObjectCommand({ Bucket, Key }));
    return (await Body?.transformToString()) ?? '';
  }

  /** Keys of the copy records of two ends: the index and the files. */
  async copyRecordKeys({ source, destination }: Ends): Promise<{ index: string; files: string[] }> {
    const keys = await this.keys(workBucket, `copy-records/${source}/${destination}/`);
    return {
      index: keys.find((key) => key.endsWith('/index.json')) ?? '',
      files: keys.filter((key) => key.endsWith('.jsonl')),
    };
  }

  /** Keys that have a copy record, by the files that the index names. */
  async copyRecords(ends: Ends): Promise<string[]> {
    const texts = await Promise.all((await this.named(ends)).map((key) => this.text(key)));
    return texts.flatMap((text) =>
      text
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { key: string }).key),
    );
  }

  /** Files of copy records that the index does not name. */
  async unnamed(ends: Ends): Promise<string[]> {
    const named = await this.named(ends);
    return (await this.copyRecordKeys(ends)).files.filter((key) => !named.includes(key));
  }

  /** Files of copy records that the index names. */
  async named(ends: Ends): Promise<string[]> {
    const { index } = await this.copyRecordKeys(ends);
    if (index === '') return [];
    const { files } = CopyRecordIndex.parse(JSON.parse(await this.text(index)));
    return files.map(({ name }) => index.replace(/index\.json$/, `files/${name}.jsonl`));
  }

  /**
   * Prepares a run.
   *
   * @param millis of the invocation
   */
  async begin(request: Record<string, unknown>, millis = longTime): Promise<Begun> {
    this.#count += 1;
    const name = `run-${this.#count}`;
    const execution = { arn: `arn:${name}`, name, startTime: '2026-11-22T00:00:00Z' };
    const allowed = { source: ['*'], destination: ['*'], lists: [] };
    const input = { ...request, logLevel: 'ERROR' };
    const invocation = { requestId: nextId(), deadline: new Deadline(millis, 0) };
    await prepare({ request: input, execution }, { workBucket: this.place, allowed }, invocation);
    return new Begun(this, name);
  }

  /** Runs a request to its end. */
  async run(request: Record<string, unknown>): Promise<Report> {
    const run = await this.begin(request);
    await run.plan();
    await run.copy();
    return run.report();
  }

  /** Runs a request to its end, and counts what it asks of both ends behind its first step, from the plan on. */
  async counted(ends: Ends, more: Record<string, unknown> = {}): Promise<Counted> {
    const run = await this.begin({ ...ends.request, ...more });
    const recording = this.store.requests.record();
    await run.plan();
    await run.copy();
    const result = await run.report();
    recording.stop();
    const requests: Record<string, number> = {};
    for (const { bucket, operation } of recording.requests) {
      if (bucket === ends.source || bucket === ends.destination)
        requests[operation] = (requests[operation] ?? 0) + 1;
    }
    return { report: result, requests };
  }
}

/** Two buckets of a test. */
export interface Ends {
  readonly source: string;
  readonly destination: string;
  readonly request: Readonly<Record<string, unknown>>;
}

/** A run and what it asked of its two buckets, by operation. */
export interface Counted {
  readonly report: Report;
  readonly requests: Readonly<Record<string, number>>;
}

/** A run that is prepared. */
export class Begun {
  readonly name: string;
  readonly #runs: Runs;

  constructor(runs: Runs, name: string) {
    this.#runs = runs;
    this.name = name;
  }

  async plan(millis = longTime): Promise<void> {
    for (let isDone = false; !isDone; ) {
      const dependencies = {
        workBucket: this.#runs.place,
        deadline: new Deadline(millis, 0),
        requestId: nextId(),
      };
      isDone = (await plan({ v: 1, run: this.name }, dependencies)).done;
    }
  }

  async copy(): Promise<void> {
    const { place } = this.#runs;
    const { files } = await openRun(this.name, place);
    const invocation = () => ({ requestId: nextId(), deadline: new Deadline(longTime, 0) });
    for await (const batch of listBatches(files, 1, 'objects', '')) {
      await copyObjects({ v: 1, run: this.name, pass: 1, batch }, place, invocation());
    }
    for await (const batch of listBatches(files, 1, 'multipart', '')) {
      const input = { v: 1, run: this.name, pass: 1, batch } as const;
      await openObject(input, place, invocation());
      await finalizeObject(input, place, invocation());
    }
  }

  /**
   * Writes the report, and reads it.
   *
   * @param millis of each invocation
   */
  async report(millis = longTime): Promise<Report> {
    for (let isDone = false; !isDone; ) isDone = await this.reportOnce(millis);
    return this.read();
  }

  /** One invocation of the report. @returns whether it is written */
  async reportOnce(millis = longTime): Promise<boolean> {
    const { place } = this.#runs;
    const executionArn = `arn:${this.name}`;
    const input = { v: 1, run: this.name, pass: 1, executionArn, redrive: { count: 0 } } as const;
    const invocation = { requestId: nextId(), deadline: new Deadline(millis, 0) };
    try {
      return (await report(input, place, invocation)).done;
    } catch (error) {
      if ((error as Error).name === 'ObjectsFailedError') return true;
      throw error;
    }
  }

  async read(): Promise<Report> {
    return Report.parse(JSON.parse(await this.#runs.text(`runs/${this.name}/report/report.json`)));
  }
}

/** What a report says of copy records. */
export const copyRecordNotes = ({ notes }: Report): string[] =>
  notes.filter((note) => note.includes('copy records'));

let invocations = 0;

const nextId = (): string => {
  invocations += 1;
  return `request-${invocations}`;
};
