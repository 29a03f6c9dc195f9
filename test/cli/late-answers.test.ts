import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { RecentExecution } from '../../cli/describe.ts';
import { World } from '../end-to-end/world.ts';
import { Terminal } from './terminal.ts';

// The command lines are processes of their own, which start slowly where other tests keep the cores busy.
vi.setConfig({ testTimeout: 180_000 });

describe('the command line, when Step Functions describes executions late', () => {
  let world: World;
  let environment: Record<string, string>;
  beforeAll(async () => {
    world = await World.start({ engine: { describeLagMillis: 2_000 } });
    environment = {
      AWS_ENDPOINT_URL_SFN: world.local.stepFunctionsUrl,
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'locallocal',
    };
  });
  afterAll(() => world.stop());

  it('follows a run that is not known yet, and a redrive that still looks failed, to their ends', async () => {
    const { source, destination } = await world.buckets();
    await world.put(source, 'there');
    const { stateMachineArn, s3Url } = world.local;
    const at = ['--state-machine', stateMachineArn, '--endpoint-url', s3Url];
    const copied = [`s3://${source}`, `s3://${destination}`, '--name', 'late', '-f', 'there', 'missing'];
    const failed = await new Terminal([...at, ...copied], environment).ended();
    expect(failed).toMatchObject({ code: 1, stdout: expect.stringMatching(/^FAILED: copied 1 object/) });

    await world.put(source, 'missing');
    const redriven = await new Terminal(['redrive', 'late', ...at], environment).ended();

    expect(redriven).toMatchObject({ code: 0, stdout: expect.stringMatching(/^done: copied/) });
    expect(await world.keys(destination)).toEqual(['missing', 'there']);
  });
});

describe('an execution that was redriven just now', () => {
  const describedAs = (redriveCount: number) => ({ send: async () => ({ status: 'FAILED', redriveCount }) });

  it.each([
    { redriveCount: 1, answer: undefined, why: 'the answer is of before the second redrive' },
    { redriveCount: 2, answer: { status: 'FAILED', redriveCount: 2 }, why: 'the redrive has failed' },
  ])('is described as $answer: $why', async ({ redriveCount, answer }) => {
    const recent = new RecentExecution(describedAs(redriveCount) as never, 'arn', 2);

    expect(await recent.describe()).toEqual(answer);
  });

  it('is taken as described after half a minute, whatever the count of redrives', async () => {
    const now = vi.spyOn(performance, 'now').mockReturnValue(0);
    const recent = new RecentExecution(describedAs(0) as never, 'arn', 1);

    now.mockReturnValue(29_999);
    expect(await recent.describe()).toBeUndefined();
    now.mockReturnValue(30_000);
    expect(await recent.describe()).toMatchObject({ status: 'FAILED' });
    now.mockRestore();
  });
});
