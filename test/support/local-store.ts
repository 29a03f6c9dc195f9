import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { type SandboxStore, startSandboxStore } from 'sandbox-s3/server';
import { logger } from '../../core/run/log.ts';

/** Bucket of the files of runs. */
export const workBucket = 'work-bucket';

/** Settings of a client that neither sends checksums nor checks those of answers, which takes long: tests compare bytes. */
export const withoutChecksums = {
  requestChecksumCalculation: 'WHEN_REQUIRED',
  responseChecksumValidation: 'WHEN_REQUIRED',
} as const;

/** A sandbox store and a client of it. */
export interface LocalStore {
  readonly store: SandboxStore;
  readonly s3: S3Client;
  /** Stops the store and restores the environment of this process. */
  stop(): Promise<void>;
}

/**
 * Starts a store that has the work bucket. Until it stops, all AWS clients that this process makes use it, and nothing
 * is logged.
 *
 * @param settings of the client that tests use
 */
export async function startLocalStore(settings: S3ClientConfig = {}): Promise<LocalStore> {
  const folder = await mkdtemp(join(tmpdir(), 's3copy-store-'));
  const store = await startSandboxStore({ dataDirectory: folder });
  const restore = setEnvironment({
    AWS_ENDPOINT_URL_S3: store.url,
    AWS_ENDPOINT_URL_STS: store.url,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'locallocal',
  });
  const level = logger.getLevelName();
  logger.setLogLevel('SILENT');
  const s3 = new S3Client({
    region: 'us-east-1',
    forcePathStyle: true,
    ...settings,
  });
  await s3.send(new CreateBucketCommand({ Bucket: workBucket }));
  const stop = async (): Promise<void> => {
    logger.setLogLevel(level);
    restore();
    await store.close();
    await rm(folder, { recursive: true });
  };
  return { store, s3, stop };
}

/** @returns what restores the variables */
function setEnvironment(variables: Readonly<Record<string, string>>): () => void {
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, variables);
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };
}
