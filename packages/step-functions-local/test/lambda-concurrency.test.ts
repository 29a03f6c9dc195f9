import { expect, it } from 'vitest';
import { graph, Harness, machine, task } from './support/harness.ts';

it('invocations of all functions above the concurrent executions of the account are throttled', async () => {
  const both = { Type: 'Parallel', End: true, Branches: [graph({ A: task('a') }), graph({ B: task('b') })] };
  const functions = { a: () => harness.clock.sleep(1_000).then(() => 'a'), b: () => 'b' };
  const harness: Harness = new Harness(machine({ Both: both }), functions, { concurrentExecutions: 1 });
  await using _ = harness;

  const end = await harness.run();

  expect(end).toMatchObject({ status: 'FAILED', error: 'Lambda.TooManyRequestsException' });
  expect(harness.functions.payloads('b')).toEqual([]);
});

it('the retry of a throttled invocation runs when another invocation has ended', async () => {
  const Retry = [{ ErrorEquals: ['Lambda.TooManyRequestsException'], IntervalSeconds: 2 }];
  const branches = ['a', 'b', 'c'].map((name) => graph({ [name]: task(name, { Retry }) }));
  const both = { Type: 'Parallel', End: true, Branches: branches };
  const lasts = (name: string) => () => harness.clock.sleep(1_000).then(() => name);
  const functions = { a: lasts('a'), b: lasts('b'), c: lasts('c') };
  const harness: Harness = new Harness(machine({ Both: both }), functions, { concurrentExecutions: 2 });
  await using _ = harness;

  const end = await harness.run();

  expect(end).toMatchObject({ status: 'SUCCEEDED', output: '["a","b","c"]' });
});
