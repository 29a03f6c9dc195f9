import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { operations } from '../src/api/operations.ts';
import { Harness, machine, named, task } from './support/harness.ts';

const lag = 5_000;

// "This operation is eventually consistent. The results are best effort and may not reflect very recent updates."
// https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html (read 2026-11-28)
describe('an engine that answers DescribeExecution late', () => {
  let broken = true;
  let harness: Harness;

  beforeEach(() => {
    broken = true;
    const functions = {
      f: () => {
        if (broken) throw named('Mine', 'broken');
        return 'ok';
      },
    };
    harness = new Harness(machine({ A: task('f') }), functions, { describeLagMillis: lag });
  });
  afterEach(() => harness[Symbol.asyncDispose]());

  const describeExecution = (executionArn: string) =>
    operations['DescribeExecution']?.(harness.engine, { executionArn });

  it('a late DescribeExecution does not find an execution that has just been started', async () => {
    const { arn } = await harness.run();

    expect(() => describeExecution(arn)).toThrow('Execution Does Not Exist');

    harness.clock.skip(lag);
    expect(describeExecution(arn)).toMatchObject({ status: 'FAILED', error: 'Mine', redriveCount: 0 });
  });

  it('a late DescribeExecution shows an execution that has just been redriven as it was before', async () => {
    const { arn } = await harness.run();
    harness.clock.skip(lag);
    const before = describeExecution(arn);
    broken = false;
    await harness.redrive(arn);

    expect(describeExecution(arn)).toEqual(before);

    harness.clock.skip(lag);
    expect(describeExecution(arn)).toMatchObject({ status: 'SUCCEEDED', output: '"ok"', redriveCount: 1 });
    expect(describeExecution(arn)).not.toHaveProperty('error');
  });

  it('after the lag DescribeExecution shows the same as without a lag', async () => {
    const { arn } = await harness.run();
    const { id } = await harness.redrive(arn);
    harness.clock.skip(lag);

    expect(harness.engine.queries.describeExecution(arn)).toEqual(harness.engine.queries.executionById(id));
  });
});
