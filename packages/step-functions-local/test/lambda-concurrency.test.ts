import { expect, it } from 'vitest';
import { Bench, graph, machine, task } from './support/harness.ts';

it('throttles invocations of all functions beyond the concurrent executions of the account', async () => {
  const both = { Type: 'Parallel', End: true, Branches: [graph({ A: task('a') }), graph({ B: task('b') })] };
  const functions = { a: () => bench.clock.sleep(1_000).then(() => 'a'), b: () => 'b' };
  const bench: Bench = new Bench(machine({ Both: both }), functions, { concurrentExecutions: 1 });
  await using _ = bench;

  const end = await bench.run();

  expect(end).toMatchObject({ status: 'FAILED', error: 'Lambda.TooManyRequestsException' });
  expect(bench.functions.payloads('b')).toEqual([]);
});

it('runs a throttled invocation again as soon as another one has ended', async () => {
  const Retry = [{ ErrorEquals: ['Lambda.TooManyRequestsException'], IntervalSeconds: 2 }];
  const branches = ['a', 'b', 'c'].map((name) => graph({ [name]: task(name, { Retry }) }));
  const both = { Type: 'Parallel', End: true, Branches: branches };
  const lasts = (name: string) => () => bench.clock.sleep(1_000).then(() => name);
  const functions = { a: lasts('a'), b: lasts('b'), c: lasts('c') };
  const bench: Bench = new Bench(machine({ Both: both }), functions, { concurrentExecutions: 2 });
  await using _ = bench;

  const end = await bench.run();

  expect(end).toMatchObject({ status: 'SUCCEEDED', output: '["a","b","c"]' });
});
