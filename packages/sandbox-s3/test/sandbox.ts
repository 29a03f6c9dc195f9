import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { type SandboxStore, type SandboxStoreOptions, startSandboxStore } from '../src/server.ts';

/** A store in a temporary folder with a bucket and a client that does not retry. */
export interface Sandbox {
  readonly store: SandboxStore;
  readonly s3: S3Client;
  readonly dataDirectory: string;
  stop(): Promise<void>;
}

/** The bucket that every sandbox has. */
export const bucket = 'sandbox-bucket';

/** Makes a client of a store that does not retry. */
export function makeClient(
  url: string,
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string },
): S3Client {
  return new S3Client({
    endpoint: url,
    region: 'us-east-1',
    forcePathStyle: true,
    maxAttempts: 1,
    credentials,
  });
}

/** The default credentials of a store. */
export const local = { accessKeyId: 'local', secretAccessKey: 'locallocal' };

/** Starts a sandbox. */
export async function startSandbox(options: Partial<SandboxStoreOptions> = {}): Promise<Sandbox> {
  const dataDirectory = options.dataDirectory ?? mkdtempSync(join(tmpdir(), 'sandbox-store-'));
  const store = await startSandboxStore({ ...options, dataDirectory });
  const s3 = makeClient(store.url, local);
  if (options.faults === undefined) await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  const stop = async (): Promise<void> => {
    s3.destroy();
    await store.close();
    rmSync(dataDirectory, { recursive: true, force: true });
  };
  return { store, s3, dataDirectory, stop };
}
