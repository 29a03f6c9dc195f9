import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import {
  DescribeExecutionCommand,
  DescribeMapRunCommand,
  DescribeStateMachineCommand,
  GetExecutionHistoryCommand,
  ListActivitiesCommand,
  ListExecutionsCommand,
  ListMapRunsCommand,
  ListStateMachinesCommand,
  paginateGetExecutionHistory,
  RedriveExecutionCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
  UpdateMapRunCommand,
} from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Api, startStepFunctionsApi } from '../src/api/server.ts';
import { systemClock } from '../src/clock.ts';
import { Bench, distributed, MACHINE_ARN, machine, named, task } from './support/harness.ts';

const credentials = { accessKeyId: 'local', secretAccessKey: 'locallocal' };
let fail = true;
const definition = machine({
  Which: {
    Type: 'Choice',
    Choices: [
      { Condition: "{% $states.input.do = 'wait' %}", Next: 'Wait' },
      { Condition: "{% $states.input.do = 'fail' %}", Next: 'Task' },
    ],
    Default: 'Map',
  },
  Wait: { Type: 'Wait', Seconds: 3_600, End: true },
  Task: task('f'),
  Map: distributed({ I: { Type: 'Pass', End: true } }, { ToleratedFailurePercentage: 10, MaxConcurrency: 7 }),
});
const bench = new Bench(
  definition,
  {
    f: () => {
      if (fail) throw named('Mine');
      return 'ok';
    },
  },
  { clock: systemClock },
);
bench.bucket.add('orders/a', 'orders/b', 'orders/c');
let api: Api;
let client: SFNClient;

beforeAll(async () => {
  api = await startStepFunctionsApi({
    engine: bench.engine,
    port: 0,
    credentials,
    unknownKeyAdvice: 'Ask the team.',
  });
  client = new SFNClient({ endpoint: api.url, region: 'us-east-1', credentials, maxAttempts: 1 });
});
afterAll(async () => {
  client.destroy();
  await api.close();
  await bench[Symbol.asyncDispose]();
});

const start = async (input: object, name?: string) => {
  const { executionArn = '' } = await client.send(
    new StartExecutionCommand({ stateMachineArn: MACHINE_ARN, input: JSON.stringify(input), name }),
  );
  return executionArn;
};
const ended = async (input: object) => {
  const arn = await start(input);
  await bench.engine.waitFor(arn);
  return arn;
};

describe('the Step Functions API', () => {
  it('lists and describes the one state machine', async () => {
    const { stateMachines } = await client.send(new ListStateMachinesCommand({}));
    expect(stateMachines).toMatchObject([
      { stateMachineArn: MACHINE_ARN, name: 'machine', type: 'STANDARD', creationDate: expect.any(Date) },
    ]);
    const described = await client.send(new DescribeStateMachineCommand({ stateMachineArn: MACHINE_ARN }));
    expect(JSON.parse(described.definition ?? '')).toEqual(definition);
  });

  it('starts an execution and describes it', async () => {
    const arn = await ended({ do: 'map' });
    expect(await client.send(new DescribeExecutionCommand({ executionArn: arn }))).toMatchObject({
      executionArn: arn,
      stateMachineArn: MACHINE_ARN,
      status: 'SUCCEEDED',
      input: '{"do":"map"}',
      inputDetails: { included: true },
      output: expect.stringContaining('orders/a'),
      outputDetails: { included: true },
      startDate: expect.any(Date),
      stopDate: expect.any(Date),
      redriveCount: 0,
      redriveStatus: 'NOT_REDRIVABLE',
      redriveStatusReason: 'Execution is SUCCEEDED and cannot be redriven',
    });
  });

  it('answers while executions run, and stops them', async () => {
    const arn = await start({ do: 'wait' });
    expect(await client.send(new DescribeExecutionCommand({ executionArn: arn }))).toMatchObject({
      status: 'RUNNING',
      redriveCount: 0,
    });
    const { stopDate } = await client.send(
      new StopExecutionCommand({ executionArn: arn, error: 'E', cause: 'C' }),
    );
    expect(stopDate).toBeInstanceOf(Date);
    expect(await client.send(new DescribeExecutionCommand({ executionArn: arn }))).toMatchObject({
      status: 'ABORTED',
      error: 'E',
      cause: 'C',
    });
  });

  it('redrives an execution', async () => {
    fail = true;
    const arn = await ended({ do: 'fail' });
    expect(await client.send(new DescribeExecutionCommand({ executionArn: arn }))).toMatchObject({
      status: 'FAILED',
      error: 'Mine',
      redriveStatus: 'REDRIVABLE',
    });
    fail = false;
    const { redriveDate } = await client.send(new RedriveExecutionCommand({ executionArn: arn }));
    await bench.engine.waitFor(arn);
    expect(await client.send(new DescribeExecutionCommand({ executionArn: arn }))).toMatchObject({
      status: 'SUCCEEDED',
      redriveCount: 1,
      redriveDate,
    });
  });

  it('gives a history in pages, forwards and backwards, with and without its data', async () => {
    const arn = await ended({ do: 'map' });
    const ids: (number | undefined)[] = [];
    for await (const page of paginateGetExecutionHistory({ client, pageSize: 3 }, { executionArn: arn })) {
      expect(page.events?.length).toBeLessThanOrEqual(3);
      ids.push(...(page.events ?? []).map(({ id }) => id));
    }
    expect(ids).toEqual(Array.from({ length: 10 }, (_, n) => n + 1));
    const backwards = await client.send(
      new GetExecutionHistoryCommand({ executionArn: arn, reverseOrder: true, maxResults: 2 }),
    );
    expect(backwards.events?.map(({ type }) => type)).toEqual(['ExecutionSucceeded', 'MapStateExited']);
    const rest = await client.send(
      new GetExecutionHistoryCommand({
        executionArn: arn,
        reverseOrder: true,
        nextToken: backwards.nextToken,
      }),
    );
    expect(rest.events?.map(({ id }) => id)).toEqual([8, 7, 6, 5, 4, 3, 2, 1]);
    const [first] =
      (await client.send(new GetExecutionHistoryCommand({ executionArn: arn, includeExecutionData: false })))
        .events ?? [];
    expect(first).toMatchObject({
      type: 'ExecutionStarted',
      executionStartedEventDetails: { roleArn: expect.any(String) },
    });
    expect(first?.executionStartedEventDetails).not.toHaveProperty('input');
  });

  it('lists executions newest first, by status and in pages', async () => {
    await ended({ do: 'map' });
    const last = await ended({ do: 'map' });
    const { executions, nextToken } = await client.send(
      new ListExecutionsCommand({ stateMachineArn: MACHINE_ARN, statusFilter: 'SUCCEEDED', maxResults: 1 }),
    );
    expect(executions).toMatchObject([{ executionArn: last, status: 'SUCCEEDED', redriveCount: 0 }]);
    const next = await client.send(
      new ListExecutionsCommand({
        stateMachineArn: MACHINE_ARN,
        statusFilter: 'SUCCEEDED',
        maxResults: 1,
        nextToken,
      }),
    );
    expect(next.executions?.[0]?.executionArn).not.toBe(last);
    const other = client.send(
      new ListExecutionsCommand({ stateMachineArn: MACHINE_ARN, statusFilter: 'FAILED', nextToken }),
    );
    await expect(other).rejects.toMatchObject({ name: 'InvalidToken' });
  });

  it('lists, describes and refuses to update a Map Run that is over, and lists its children', async () => {
    const arn = await ended({ do: 'map' });
    const { mapRuns } = await client.send(new ListMapRunsCommand({ executionArn: arn }));
    const mapRunArn = mapRuns?.[0]?.mapRunArn ?? '';
    expect(mapRuns).toMatchObject([
      { executionArn: arn, stateMachineArn: `${MACHINE_ARN}/Orders`, startDate: expect.any(Date) },
    ]);
    const counts = {
      pending: 0,
      running: 0,
      succeeded: 3,
      failed: 0,
      timedOut: 0,
      aborted: 0,
      total: 3,
      resultsWritten: 0,
      failuresNotRedrivable: 0,
      pendingRedrive: 0,
    };
    expect(await client.send(new DescribeMapRunCommand({ mapRunArn }))).toMatchObject({
      mapRunArn,
      executionArn: arn,
      status: 'SUCCEEDED',
      maxConcurrency: 7,
      toleratedFailurePercentage: 10,
      toleratedFailureCount: 0,
      itemCounts: counts,
      executionCounts: counts,
      redriveCount: 0,
    });
    const { executions } = await client.send(new ListExecutionsCommand({ mapRunArn }));
    expect(executions).toHaveLength(3);
    expect(
      await client.send(new DescribeExecutionCommand({ executionArn: executions?.[0]?.executionArn })),
    ).toMatchObject({ mapRunArn });
    await expect(
      client.send(new UpdateMapRunCommand({ mapRunArn, maxConcurrency: 1 })),
    ).rejects.toMatchObject({ name: 'ValidationException' });
  });

  const missing = `${MACHINE_ARN.replace(':stateMachine:', ':execution:')}:none`;
  it.each([
    {
      name: 'ExecutionDoesNotExist',
      why: 'an execution that never was',
      send: () => client.send(new DescribeExecutionCommand({ executionArn: missing })),
    },
    {
      name: 'StateMachineDoesNotExist',
      why: 'another state machine',
      send: () => client.send(new StartExecutionCommand({ stateMachineArn: `${MACHINE_ARN}2` })),
    },
    {
      name: 'InvalidArn',
      why: 'what is not an ARN',
      send: () => client.send(new DescribeExecutionCommand({ executionArn: 'x' })),
    },
    { name: 'InvalidName', why: 'a forbidden name', send: () => start({}, 'a b') },
    {
      name: 'InvalidExecutionInput',
      why: 'input that is not JSON',
      send: () => client.send(new StartExecutionCommand({ stateMachineArn: MACHINE_ARN, input: '{' })),
    },
    {
      name: 'ExecutionNotRedrivable',
      why: 'a redrive of a success',
      send: async () =>
        client.send(new RedriveExecutionCommand({ executionArn: await ended({ do: 'map' }) })),
    },
    {
      name: 'ResourceNotFound',
      why: 'a Map Run that never was',
      send: () => client.send(new DescribeMapRunCommand({ mapRunArn: 'arn:x' })),
    },
    {
      name: 'InvalidToken',
      why: 'a token that is none',
      send: () => client.send(new ListExecutionsCommand({ stateMachineArn: MACHINE_ARN, nextToken: 'x' })),
    },
    {
      name: 'ValidationException',
      why: 'too many results',
      send: () => client.send(new ListExecutionsCommand({ stateMachineArn: MACHINE_ARN, maxResults: 1_001 })),
    },
    {
      name: 'UnknownOperationException',
      why: 'an operation it has not',
      send: () => client.send(new ListActivitiesCommand({})),
    },
  ])('answers $name to $why', async ({ name, send }) => {
    await expect(send()).rejects.toMatchObject({ name });
  });

  it.each([
    {
      given: { ...credentials, accessKeyId: 'other' },
      name: 'UnrecognizedClientException',
      says: 'is invalid. Ask the team.',
    },
    { given: { ...credentials, secretAccessKey: 'other' }, name: 'InvalidSignatureException', says: '' },
  ])('answers $name to a request with other credentials', async ({ given, name, says }) => {
    const stranger = new SFNClient({
      endpoint: api.url,
      region: 'us-east-1',
      credentials: given,
      maxAttempts: 1,
    });
    await expect(stranger.send(new ListStateMachinesCommand({}))).rejects.toMatchObject({
      name,
      message: expect.stringContaining(says),
    });
    stranger.destroy();
  });
});

const run = promisify(execFile);
const hasAwsCli = await run('aws', ['--version']).then(
  () => true,
  () => false,
);

describe.runIf(hasAwsCli)('the AWS CLI', () => {
  const aws = async (...args: string[]) => {
    const env = {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'locallocal',
      AWS_DEFAULT_REGION: 'us-east-1',
    };
    const { stdout } = await run(
      'aws',
      ['stepfunctions', ...args, '--endpoint-url', api.url, '--output', 'json'],
      { env },
    );
    return JSON.parse(stdout || '{}') as { executionArn: string };
  };

  it('starts, describes, lists, reads, stops and redrives', async () => {
    fail = true;
    const { executionArn } = await aws(
      'start-execution',
      '--state-machine-arn',
      MACHINE_ARN,
      '--name',
      'from-the-cli',
      '--input',
      '{"do":"fail"}',
    );
    await bench.engine.waitFor(executionArn);
    expect(await aws('describe-execution', '--execution-arn', executionArn)).toMatchObject({
      status: 'FAILED',
      error: 'Mine',
    });
    expect(await aws('get-execution-history', '--execution-arn', executionArn)).toMatchObject({
      events: { length: 8 },
    });
    fail = false;
    await aws('redrive-execution', '--execution-arn', executionArn);
    await bench.engine.waitFor(executionArn);
    expect(
      await aws('list-executions', '--state-machine-arn', MACHINE_ARN, '--max-items', '1'),
    ).toMatchObject({ executions: [{ name: 'from-the-cli', status: 'SUCCEEDED', redriveCount: 1 }] });
  });
});
