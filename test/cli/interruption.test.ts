import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import type { RuleHandle } from 'sandbox-s3/rules';
import { type SandboxStore, startSandboxStore } from 'sandbox-s3/server';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { localCredentials } from '../../cli/local/local-credentials.ts';
import { MiB } from '../../core/model/limits.ts';
import { uploadInParts } from '../support/uploads.ts';
import { Terminal } from './terminal.ts';

/** Each is copied by a child of its own: more than there are threads, unless this machine has many cores. */
const bigObjects = 12;
/** Longer than any test takes. */
const forever = 3_600_000;

describe('Ctrl-C, once, in a run of this machine', () => {
  let folder: string;
  let store: SandboxStore;
  let s3: S3Client;
  let terminal: Terminal;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 's3copy-interruption-'));
    store = await startSandboxStore({ dataDirectory: join(folder, 'store') });
    const region = 'us-east-1';
    s3 = new S3Client({ endpoint: store.url, region, forcePathStyle: true, credentials: localCredentials });
    for (const Bucket of ['source', 'destination']) await s3.send(new CreateBucketCommand({ Bucket }));
    for (let n = 0; n < bigObjects; n += 1) await putTwoParts(`big-${n}`);
  });
  afterEach(() => {
    store.rules.clear();
    terminal.kill();
  });
  afterAll(async () => {
    s3.destroy();
    await store.close();
    await rm(folder, { recursive: true });
  });

  async function putTwoParts(Key: string): Promise<void> {
    await uploadInParts(s3, { Bucket: 'source', Key }, [Buffer.alloc(5 * MiB), Buffer.alloc(1)]);
  }

  /** A run on the store of the test, with 12 workers. */
  function run(data: string): Terminal {
    const line = ['--local', '--data', join(folder, data), '--endpoint-url', store.url];
    const sizes = ['--part-size', '5MiB', '--fan-out-above', '5MiB', '--workers', String(bigObjects)];
    const { accessKeyId, secretAccessKey } = localCredentials;
    return new Terminal([...line, ...sizes, 's3://source', 's3://destination'], {
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
    });
  }

  /** Lets requests hang from now on, all of them or those of an operation. */
  const hang = (operation?: string): RuleHandle =>
    store.rules.add({ kind: 'latency', operation, milliseconds: forever });

  const hasHit = (rule: RuleHandle, times: number): Promise<void> =>
    expect.poll(() => rule.hits, { timeout: 150_000 }).toBeGreaterThanOrEqual(times);

  it('ends it when more children are under way than there are threads', async () => {
    const uploads = hang('CreateMultipartUpload');
    terminal = run('many-children');
    await hasHit(uploads, 4);

    terminal.interrupt();

    const cut = await terminal.ended();
    expect(cut.code).toBe(130);
    expect(cut.stderr).toContain('the run is stopped, what was copied stays');
  });

  it('ends it when the S3 server answers nothing any more', async () => {
    const uploads = hang('CreateMultipartUpload');
    terminal = run('dead-server');
    await hasHit(uploads, 4);
    await hasHit(hang(), 1);

    terminal.interrupt();

    const cut = await terminal.ended();
    expect(cut.code).toBe(130);
    expect(cut.stderr).toContain('the run is stopped, what was copied stays');
  });

  it('ends it when the S3 server does not answer from the start', async () => {
    const all = hang();
    terminal = run('dead-from-the-start');
    await hasHit(all, 1);

    terminal.interrupt();

    expect(await terminal.ended()).toMatchObject({
      code: 130,
      stderr: expect.stringContaining('interrupted'),
    });
  });
});
