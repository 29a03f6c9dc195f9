import { execFile, spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { World } from './world.ts';

/** Starting the AWS CLI takes a second or more each time: asked for by `REAL_CLIENTS=1`, as the project's CI does. */
const hasClient = process.env['REAL_CLIENTS'] === '1' && spawnSync('aws', ['--version']).status === 0;
const run = promisify(execFile);

type Answer = Readonly<Record<string, unknown>>;

describe.skipIf(!hasClient)(
  hasClient ? 'the AWS CLI on s3copy local' : 'skipped: needs REAL_CLIENTS=1 and aws',
  () => {
    let world: World;
    let environment: Record<string, string | undefined>;
    beforeAll(async () => {
      world = await World.start();
      for (const Bucket of ['bucket-a', 'bucket-b']) await world.s3.send(new CreateBucketCommand({ Bucket }));
      await world.put('bucket-a', 'path/x');
      environment = {
        ...process.env,
        AWS_ACCESS_KEY_ID: 'local',
        AWS_SECRET_ACCESS_KEY: 'locallocal',
        AWS_DEFAULT_REGION: 'us-east-1',
        AWS_DEFAULT_OUTPUT: 'json',
        AWS_ENDPOINT_URL_SFN: world.local.stepFunctionsUrl,
        S3COPY_STATE_MACHINE: world.local.stateMachineArn,
      };
    });
    afterAll(() => world.stop());

    const stepfunctions = async (...words: string[]): Promise<Answer> => {
      const { stdout } = await run('aws', ['stepfunctions', ...words], { env: environment });
      return JSON.parse(stdout === '' ? '{}' : stdout) as Answer;
    };

    it("starts the README's execution as it stands there", async () => {
      const readme = await readFile(join(import.meta.dirname, '..', '..', 'README.md'), 'utf8');
      const example = /```sh\n(aws stepfunctions start-execution [\s\S]*?)```/.exec(readme)?.[1] ?? '';
      const { stdout } = await run('bash', ['-c', example], { env: environment });
      const { executionArn } = JSON.parse(stdout) as { executionArn: string };
      expect(await world.local.engine.waitFor(executionArn)).toMatchObject({ status: 'SUCCEEDED' });
      expect(await world.keys('bucket-b')).toEqual(['path/x']);
    });

    it('lists, describes, reads, changes, stops and redrives executions and their map runs', async () => {
      const { stateMachines } = await stepfunctions('list-state-machines');
      expect(stateMachines).toMatchObject([{ stateMachineArn: world.local.stateMachineArn }]);
      const machine = ['--state-machine-arn', world.local.stateMachineArn];
      expect(await stepfunctions('describe-state-machine', ...machine)).toMatchObject({ type: 'STANDARD' });

      const denial = world.store.rules.add({
        kind: 'deny',
        action: 's3:GetObject',
        bucket: 'bucket-a',
        key: 'path/y',
      });
      await world.put('bucket-a', 'path/y');
      const input = JSON.stringify({ src: 's3://bucket-a/path', dest: 's3://bucket-b' });
      const started = await stepfunctions(
        'start-execution',
        ...machine,
        '--name',
        'by-cli',
        '--input',
        input,
      );
      const execution = ['--execution-arn', String(started['executionArn'])];
      await world.local.engine.waitFor(String(started['executionArn']));
      const described = await stepfunctions('describe-execution', ...execution);
      expect(described).toMatchObject({
        status: 'FAILED',
        error: 'ObjectsFailedError',
        redriveStatus: 'REDRIVABLE',
      });
      const { executions } = await stepfunctions('list-executions', ...machine, '--status-filter', 'FAILED');
      expect(executions).toMatchObject([{ name: 'by-cli' }]);

      const { events } = await stepfunctions('get-execution-history', ...execution, '--max-items', '500');
      const types = (events as { type: string }[]).map(({ type }) => type);
      for (const type of ['ExecutionStarted', 'MapRunStarted', 'TaskFailed', 'ExecutionFailed']) {
        expect(types).toContain(type);
      }

      const { mapRuns } = await stepfunctions('list-map-runs', ...execution);
      const mapRun = ['--map-run-arn', String((mapRuns as { mapRunArn: string }[])[0]?.mapRunArn)];
      expect(await stepfunctions('describe-map-run', ...mapRun)).toMatchObject({
        status: 'SUCCEEDED',
        itemCounts: { total: 1, succeeded: 1 },
      });
      await expect(stepfunctions('update-map-run', ...mapRun, '--max-concurrency', '2')).rejects.toThrow();

      denial.remove();
      await stepfunctions('redrive-execution', ...execution);
      await world.local.engine.waitFor(String(started['executionArn']));
      expect(await stepfunctions('describe-execution', ...execution)).toMatchObject({
        status: 'SUCCEEDED',
        redriveCount: 1,
      });
    });

    it('changes a map run while it runs, and stops an execution', async () => {
      await world.put('bucket-a', 'slow/z');
      world.store.rules.add({
        kind: 'latency',
        operation: 'CopyObject',
        bucket: 'bucket-b',
        key: 'slow/*',
        milliseconds: 60_000,
      });
      const input = JSON.stringify({ src: 's3://bucket-a/slow', dest: 's3://bucket-b' });
      const machine = ['--state-machine-arn', world.local.stateMachineArn];
      const started = await stepfunctions('start-execution', ...machine, '--input', input);
      const execution = ['--execution-arn', String(started['executionArn'])];
      let arn: string | undefined;
      while (arn === undefined) {
        const { mapRuns } = await stepfunctions('list-map-runs', ...execution);
        arn = (mapRuns as { mapRunArn: string }[])[0]?.mapRunArn;
      }
      await stepfunctions('update-map-run', '--map-run-arn', arn, '--max-concurrency', '2');
      expect(await stepfunctions('describe-map-run', '--map-run-arn', arn)).toMatchObject({
        maxConcurrency: 2,
      });
      await stepfunctions('stop-execution', ...execution, '--error', 'Enough', '--cause', 'a test');
      expect(await stepfunctions('describe-execution', ...execution)).toMatchObject({
        status: 'ABORTED',
        error: 'Enough',
      });
    });
  },
);
