import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSandboxStore } from '../../src/server.ts';

/** An S3 server that the facts are tested against. */
export interface Judge {
  readonly name: string;
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  stop(): Promise<void>;
}

/** Name of the server that is tested: that of the environment, or this package's own. */
export const judgeName = process.env['S3_CONFORMANCE_JUDGE'] ?? 'sandbox';

async function startSandbox(): Promise<Judge> {
  const dataDirectory = mkdtempSync(join(tmpdir(), 's3-conformance-'));
  const store = await startSandboxStore({ dataDirectory });
  const stop = async (): Promise<void> => {
    await store.close();
    rmSync(dataDirectory, { recursive: true });
  };
  return { name: 'sandbox', endpoint: store.url, accessKeyId: 'local', secretAccessKey: 'locallocal', stop };
}

/**
 * The server at `S3_CONFORMANCE_ENDPOINT`, with the keys `S3_CONFORMANCE_ACCESS_KEY` and `S3_CONFORMANCE_SECRET_KEY`;
 * undefined when that is not set.
 */
export function findExternalJudge(): Judge | undefined {
  const endpoint = process.env['S3_CONFORMANCE_ENDPOINT'];
  if (endpoint === undefined || endpoint === '') return undefined;
  return {
    name: judgeName,
    endpoint,
    accessKeyId: process.env['S3_CONFORMANCE_ACCESS_KEY'] ?? 'test',
    secretAccessKey: process.env['S3_CONFORMANCE_SECRET_KEY'] ?? 'test',
    stop: async () => undefined,
  };
}

/** Finds the server of the environment, or starts a sandbox store. */
export const findJudge = async (): Promise<Judge> => findExternalJudge() ?? startSandbox();
