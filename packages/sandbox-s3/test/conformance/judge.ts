import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSandboxStore } from '../../src/server.ts';

/** An S3 server that the facts are held against. */
export interface Judge {
  readonly name: string;
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  stop(): Promise<void>;
}

/** Name of the server under judgement: the one of the environment, else this project's own. */
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
 * The server of `S3_CONFORMANCE_ENDPOINT` with `S3_CONFORMANCE_ACCESS_KEY` and `S3_CONFORMANCE_SECRET_KEY`, if there is
 * one.
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

/** The server of the environment, else a sandbox store of our own. */
export const findJudge = async (): Promise<Judge> => findExternalJudge() ?? startSandbox();
