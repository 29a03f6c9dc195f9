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
import { distributed, Harness, machine, machineArn, named, task } from './support/harness.ts';

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
const harness = new Harness(
  definition,
  {
    f: () => {
      if (fail) throw named('Mine');
      return 'ok';
    },
  },
  { clock: systemClock },
);
harness.bucket.add('orders/a', 'orders/b', 'orders/c');
let api: Api;
let client: SFNClient;

beforeAll(async () => {
  api = await startStepFunctionsApi({
    engine: harness.engine,
    port: 0,
    credentials,
    unknownKeyAdvice: 'Ask the team.',
  });
  client = new SFNClient({ endpoint: api.url, region: 'us-east-1', credentials, maxAttempts: 1 });
});
afterAll(async () => {
  client.destroy();
  await api.close();
  await harness[Symbol.asyncDispose]();
});

const start = async (input: object, name?: string) => {
  const { executionArn = '' } = await client.send(
    new StartExecutionCommand({ stateMachineArn: machineArn, input: JSON.stringify(input), name }),
  );
  return executionArn;
};
const ended = async (input: object) => {
  const arn = await start(input);
  await harness.engine.waitFor(arn);
  return arn;
};

describe('the Step Functions API', () => {
  it('the Step Functions API lists and describes the state machine', async () => {
    const { stateMachines } = await client.send(new ListStateMachinesCommand({}));
    expect(stateMachines).toMatchObject([
      { stateMachineArn: machineArn, name: 'machine', type: 'STANDARD', creationDate: expect.any(Date) },
    ]);
    const described = await client.send(new DescribeStateMachineCommand({ stateMachineArn: machineArn }));
    expect(JSON.parse(described.definition ?? '')).toEqual(definition);
  });

  it('the Step Functions API starts an execution and describes it', async () => {
    const arn = await ended({ do: 'map' });
    expect(await client.send(new DescribeExecutionCommand({ executionArn: arn }))).toMatchObject({
      executionArn: arn,
      stateMachineArn: machineArn,
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

  it('the Step Functions API answers while an execution runs, and stops it', async () => {
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

  it('the Step Functions API redrives an execution', async () => {
    fail = true;
    const arn = await ended({ do: 'fail' });
    expect(await client.send(new DescribeExecutionCommand({ executionArn: arn }))).toMatchObject({
      status: 'FAILED',
      error: 'Mine',
      redriveStatus: 'REDRIVABLE',
    });
    fail = false;
    const { redriveDate } = await client.send(new RedriveExecutionCommand({ executionArn: arn }));
    await harness.engine.waitFor(arn);
    expect(await client.send(new DescribeExecutionCommand({ executionArn: arn }))).toMatchObject({
      status: 'SUCCEEDED',
      redriveCount: 1,
      redriveDate,
    });
  });

  it('GetExecutionHistory returns pages, oldest or newest first, with or without data', async () => {
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

  it('ListExecutions returns executions by status, newest first, in pages', async () => {
    await ended({ do: 'map' });
    const last = await ended({ do: 'map' });
    const { executions, nextToken } = await client.send(
      new ListExecutionsCommand({ stateMachineArn: machineArn, statusFilter: 'SUCCEEDED', maxResults: 1 }),
    );
    expect(executions).toMatchObject([{ executionArn: last, status: 'SUCCEEDED', redriveCount: 0 }]);
    const next = await client.send(
      new ListExecutionsCommand({
        stateMachineArn: machineArn,
        statusFilter: 'SUCCEEDED',
        maxResults: 1,
        nextToken,
      }),
    );
    expect(next.executions?.[0]?.executionArn).not.toBe(last);
    const other = client.send(
      new ListExecutionsCommand({ stateMachineArn: machineArn, statusFilter: 'FAILED', nextToken }),
    );
    await expect(other).rejects.toMatchObject({ name: 'InvalidToken' });
  });

  it('the Step Functions API lists a Map Run that has ended and its children, and refuses to update it', async () => {
    const arn = await ended({ do: 'map' });
    const { mapRuns } = await client.send(new ListMapRunsCommand({ executionArn: arn }));
    const mapRunArn = mapRuns?.[0]?.mapRunArn ?? '';
    expect(mapRuns).toMatchObject([
      { executionArn: arn, stateMachineArn: `${machineArn}/Orders`, startDate: expect.any(Date) },
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

  const missing = `${machineArn.replace(':stateMachine:', ':execution:')}:none`;
  it.each([
    {
      name: 'ExecutionDoesNotExist',
      why: 'a request for an execution that does not exist',
      send: () => client.send(new DescribeExecutionCommand({ executionArn: missing })),
    },
    {
      name: 'StateMachineDoesNotExist',
      why: 'a request for another state machine',
      send: () => client.send(new StartExecutionCommand({ stateMachineArn: `${machineArn}2` })),
    },
    {
      name: 'InvalidArn',
      why: 'a value that is not an ARN',
      send: () => client.send(new DescribeExecutionCommand({ executionArn: 'x' })),
    },
    { name: 'InvalidName', why: 'a forbidden name', send: () => start({}, 'a b') },
    {
      name: 'InvalidExecutionInput',
      why: 'input that is not JSON',
      send: () => client.send(new StartExecutionCommand({ stateMachineArn: machineArn, input: '{' })),
    },
    {
      name: 'ExecutionNotRedrivable',
      why: 'a redrive of an execution that succeeded',
      send: async () =>
        client.send(new RedriveExecutionCommand({ executionArn: await ended({ do: 'map' }) })),
    },
    {
      name: 'ResourceNotFound',
      why: 'a request for a Map Run that does not exist',
      send: () => client.send(new DescribeMapRunCommand({ mapRunArn: 'arn:x' })),
    },
    {
      name: 'InvalidToken',
      why: 'an invalid token',
      send: () => client.send(new ListExecutionsCommand({ stateMachineArn: machineArn, nextToken: 'x' })),
    },
    {
      name: 'ValidationException',
      why: 'a request for too many results',
      send: () => client.send(new ListExecutionsCommand({ stateMachineArn: machineArn, maxResults: 1_001 })),
    },
    {
      name: 'UnknownOperationException',
      why: 'an operation that is not supported',
      send: () => client.send(new ListActivitiesCommand({})),
    },
  ])('the Step Functions API answers $name to $why', async ({ name, send }) => {
    await expect(send()).rejects.toMatchObject({ name });
  });

  it.each([
    {
      given: { ...credentials, accessKeyId: 'other' },
      name: 'UnrecognizedClientException',
      says: 'is invalid. Ask the team.',
    },
    { given: { ...credentials, secretAccessKey: 'other' }, name: 'InvalidSignatureException', says: '' },
  ])(
    'the Step Functions API answers $name to a request that is signed with other credentials',
    async ({ given, name, says }) => {
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
    },
  );
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

  it('the AWS CLI starts, describes, lists, stops and redrives executions and reads histories', async () => {
    fail = true;
    const { executionArn } = await aws(
      'start-execution',
      '--state-machine-arn',
      machineArn,
      '--name',
      'from-the-cli',
      '--input',
      '{"do":"fail"}',
    );
    await harness.engine.waitFor(executionArn);
    expect(await aws('describe-execution', '--execution-arn', executionArn)).toMatchObject({
      status: 'FAILED',
      error: 'Mine',
    });
    expect(await aws('get-execution-history', '--execution-arn', executionArn)).toMatchObject({
      events: { length: 8 },
    });
    fail = false;
    await aws('redrive-execution', '--execution-arn', executionArn);
    await harness.engine.waitFor(executionArn);
    expect(await aws('list-executions', '--state-machine-arn', machineArn, '--max-items', '1')).toMatchObject(
      { executions: [{ name: 'from-the-cli', status: 'SUCCEEDED', redriveCount: 1 }] },
    );
  });
});
