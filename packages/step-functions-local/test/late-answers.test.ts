import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { operations } from '../src/api/operations.ts';
import { Bench, machine, named, task } from './support/harness.ts';

const lag = 5_000;

// "This operation is eventually consistent. The results are best effort and may not reflect very recent updates."
// https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html (read 2026-11-28)
describe('an engine that answers DescribeExecution late', () => {
  let broken = true;
  let bench: Bench;

  beforeEach(() => {
    broken = true;
    const functions = {
      f: () => {
        if (broken) throw named('Mine', 'broken');
        return 'ok';
      },
    };
    bench = new Bench(machine({ A: task('f') }), functions, { describeLagMillis: lag });
  });
  afterEach(() => bench[Symbol.asyncDispose]());

  const describeExecution = (executionArn: string) =>
    operations['DescribeExecution']?.(bench.engine, { executionArn });

  it('does not know an execution that has just been started', async () => {
    const { arn } = await bench.run();

    expect(() => describeExecution(arn)).toThrow('Execution Does Not Exist');

    bench.clock.skip(lag);
    expect(describeExecution(arn)).toMatchObject({ status: 'FAILED', error: 'Mine', redriveCount: 0 });
  });

  it('shows an execution that has just been redriven as it was before', async () => {
    const { arn } = await bench.run();
    bench.clock.skip(lag);
    const before = describeExecution(arn);
    broken = false;
    await bench.redrive(arn);

    expect(describeExecution(arn)).toEqual(before);

    bench.clock.skip(lag);
    expect(describeExecution(arn)).toMatchObject({ status: 'SUCCEEDED', output: '"ok"', redriveCount: 1 });
    expect(describeExecution(arn)).not.toHaveProperty('error');
  });

  it('shows in the end just what an engine shows that answers at once', async () => {
    const { arn } = await bench.run();
    const { id } = await bench.redrive(arn);
    bench.clock.skip(lag);

    expect(bench.engine.queries.described(arn)).toEqual(bench.engine.queries.executionById(id));
  });
});
