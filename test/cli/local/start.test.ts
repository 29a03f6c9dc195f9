import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { DescribeStateMachineCommand, SFNClient } from '@aws-sdk/client-sfn';
import { startSandboxStore } from 'sandbox-s3/server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { localCredentials } from '../../../cli/local/local-credentials.ts';
import { type Local, type LocalOptions, startLocal } from '../../../cli/local/start.ts';
import { uploadInParts } from '../../support/uploads.ts';

const MiB = 1024 ** 2;
const region = 'us-east-1';

describe('startLocal', () => {
  let dataDirectory: string;
  let local: Local;
  let s3: S3Client;

  const start = async (options: Omit<LocalOptions, 'dataDirectory'> = {}): Promise<void> => {
    local = await startLocal({ dataDirectory, ...options });
    s3 = new S3Client({ endpoint: local.s3Url, region, forcePathStyle: true, credentials: localCredentials });
  };

  const put = (Key: string, Body: string | Buffer) =>
    s3.send(new PutObjectCommand({ Bucket: 'source', Key, Body }));

  const putMultipart = (Key: string, parts: readonly Buffer[]): Promise<void> =>
    uploadInParts(s3, { Bucket: 'source', Key }, parts);

  const read = async (Key: string): Promise<Buffer> => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'destination', Key }));
    return Buffer.from((await Body?.transformToByteArray()) ?? []);
  };

  const copy = async (request: object = {}) => {
    const input = JSON.stringify({ src: 's3://source', dest: 's3://destination', ...request });
    const { arn } = local.engine.startExecution({ name: 'run', input });
    return { arn, execution: await local.engine.waitFor(arn) };
  };

  beforeEach(async () => {
    dataDirectory = await mkdtemp(join(tmpdir(), 's3copy-start-'));
  });
  afterEach(async () => {
    await local?.close();
    s3?.destroy();
    await rm(dataDirectory, { recursive: true });
  });

  const makeBuckets = async (): Promise<void> => {
    for (const Bucket of ['source', 'destination']) await s3.send(new CreateBucketCommand({ Bucket }));
  };

  it('startLocal copies objects with both maps of the synthesized state machine', async () => {
    await start();
    await makeBuckets();
    const parts = [Buffer.alloc(5 * MiB, 'a'), Buffer.alloc(5 * MiB, 'b'), Buffer.alloc(1, 'c')];
    await putMultipart('big', parts);
    await put('dir/small', 'small');
    const { arn, execution } = await copy({ fanOutAbove: '8MiB', partSize: '5MiB', workers: 2 });
    expect(execution).toMatchObject({ status: 'SUCCEEDED', error: null });
    expect(Buffer.concat(parts).equals(await read('big'))).toBe(true);
    expect((await read('dir/small')).toString()).toBe('small');
    const runs = local.engine.queries.history(arn).filter(({ type }) => type === 'MapRunSucceeded');
    expect(runs).toHaveLength(2);
  });

  it('startLocal serves the Step Functions API', async () => {
    await start();
    const sfn = new SFNClient({ endpoint: local.stepFunctionsUrl, region, credentials: localCredentials });
    const { name, definition } = await sfn.send(
      new DescribeStateMachineCommand({ stateMachineArn: local.stateMachineArn }),
    );
    expect(name).toBe('s3copy');
    expect(JSON.parse(definition ?? '').StartAt).toBe('Prepare');
    sfn.destroy();
  });

  it('the local servers tell a client with an unknown access key which credentials to use', async () => {
    await start();
    const credentials = { accessKeyId: 'unknown', secretAccessKey: 'other' };
    const settings = { region, credentials, maxAttempts: 1 };
    const stranger = new S3Client({ ...settings, endpoint: local.s3Url, forcePathStyle: true });
    const other = new SFNClient({ ...settings, endpoint: local.stepFunctionsUrl });
    const advice = expect.stringContaining('use access key local and secret key locallocal');

    await expect(stranger.send(new ListObjectsV2Command({ Bucket: 'source' }))).rejects.toMatchObject({
      message: advice,
    });
    const describe = new DescribeStateMachineCommand({ stateMachineArn: local.stateMachineArn });
    await expect(other.send(describe)).rejects.toMatchObject({ message: advice });
  });

  it('startLocal with endpointUrl uses another S3 server and creates the work bucket there', async () => {
    const other = await startSandboxStore({ dataDirectory: join(dataDirectory, 'other') });
    await start({ endpointUrl: other.url });
    await makeBuckets();
    await put('key', 'value');
    const { execution } = await copy();
    const { KeyCount } = await s3.send(
      new ListObjectsV2Command({ Bucket: local.workBucket, Prefix: 'runs/run/' }),
    );
    await local.close();
    await other.close();
    expect(local.store).toBeUndefined();
    expect(execution.status).toBe('SUCCEEDED');
    expect(KeyCount).toBeGreaterThan(0);
  });

  it('overrides change the environment of a local function', async () => {
    await start({
      overrides: {
        '*': { environment: { LOG_LEVEL: 'WARN' } },
        prepare: { environment: { SOURCE_BUCKETS: '["other"]' } },
      },
    });
    await makeBuckets();
    const { execution } = await copy();
    expect(execution).toMatchObject({ status: 'FAILED' });
    expect(execution.cause).toContain('source');
  });

  it('buckets and executions are kept for the next local start', async () => {
    await start();
    await makeBuckets();
    await put('key', 'value');
    const { arn } = await copy();
    await local.close();
    await start();
    expect(local.engine.queries.execution(arn).status).toBe('SUCCEEDED');
    expect((await read('key')).toString()).toBe('value');
  });

  it('the error of a local start names the S3 server that cannot be used', async () => {
    const endpointUrl = 'http://127.0.0.1:1';
    await expect(startLocal({ dataDirectory, endpointUrl })).rejects.toThrow(
      `cannot use the bucket s3copy-work on the S3 server ${endpointUrl}`,
    );
  });
});
