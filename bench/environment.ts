import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { SandboxStore } from 'sandbox-s3/server';
import { clientsOf } from '../cli/here.ts';
import { startLocal } from '../cli/local/start.ts';

/** The embedded engine and a sandbox store in a temporary folder. */
export interface BenchEnvironment {
  readonly s3: S3Client;
  readonly store: SandboxStore;
  /** Copies a bucket to another one. @returns the seconds from the start of the execution to its end */
  copy(source: string, destination: string): Promise<number>;
  /** Creates a bucket with a number of objects of 1 KiB. */
  fill(bucket: string, objects: number): Promise<void>;
  close(): Promise<void>;
}

/** Starts the engine with a sandbox store in a temporary folder. */
export async function startBenchEnvironment(): Promise<BenchEnvironment> {
  const folder = await mkdtemp(join(tmpdir(), 's3copy-bench-'));
  const local = await startLocal({ dataDirectory: folder });
  const { s3, sfn } = clientsOf(local);
  sfn.destroy();
  return {
    s3,
    store: local.store as SandboxStore,
    copy: async (source, destination) => {
      await s3.send(new CreateBucketCommand({ Bucket: destination })).catch(() => undefined);
      const began = performance.now();
      const input = JSON.stringify({ src: `s3://${source}`, dest: `s3://${destination}` });
      const { arn } = local.engine.startExecution({ input });
      const { status, error, cause } = await local.engine.waitFor(arn);
      if (status !== 'SUCCEEDED') throw new Error(`the run ended ${status}: ${error}: ${cause}`);
      return (performance.now() - began) / 1_000;
    },
    fill: (bucket, objects) => fill(s3, bucket, objects),
    close: async () => {
      s3.destroy();
      await local.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const concurrency = 32;

async function fill(s3: S3Client, Bucket: string, objects: number): Promise<void> {
  await s3.send(new CreateBucketCommand({ Bucket }));
  const Body = Buffer.alloc(1024, 'x');
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let n = next++; n < objects; n = next++) {
      await s3.send(new PutObjectCommand({ Bucket, Key: `folder-${n % 100}/object-${n}`, Body }));
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
}
