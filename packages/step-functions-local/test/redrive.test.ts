import { describe, expect, it } from 'vitest';
import type { Json } from '../src/json.ts';
import { Bench, distributed, FakeBucket, graph, machine, named, task } from './support/harness.ts';

/** Fails while `broken` holds the payload's name. */
const breakable = (broken: Set<string>) => (payload: { name?: string; key?: string } | string) => {
  const name = typeof payload === 'string' ? payload : (payload.name ?? payload.key ?? '');
  if (broken.has(name)) throw named('Mine', name);
  return `${name} done`;
};
const call = (payload: Json, more: object = {}) =>
  task('f', { Arguments: { FunctionName: 'f', Payload: payload }, ...more });
const day = 86_400_000;
const WRITER = { Resource: 'arn:aws:states:::s3:putObject', Arguments: { Bucket: 'work', Prefix: 'p' } };

// https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html (read 2026-11-22)
describe('redriving an execution', () => {
  it('runs the failed task again, with its input and variables, and not what succeeded before', async () => {
    const broken = new Set(['b']);
    const states = {
      A: call('a', { Next: 'B', Assign: { x: '{% $states.result.Payload %}' } }),
      B: call('b', { Next: 'C', Output: '{% [$states.input, $x, $states.result.Payload] %}' }),
      C: { Type: 'Pass', End: true },
    };
    await using bench = new Bench(machine(states), { f: breakable(broken) });
    const end = await bench.run();
    expect(end.status).toBe('FAILED');
    broken.clear();
    const again = await bench.redrive(end.arn);
    expect(again).toMatchObject({
      status: 'SUCCEEDED',
      error: null,
      cause: null,
      redrive_count: 1,
      arn: end.arn,
    });
    expect(JSON.parse(again.output ?? '')).toEqual(['a done', 'a done', 'b done']);
    expect(bench.functions.payloads('f')).toEqual(['a', 'b', 'b']);
  });

  it('goes on in the same history, which says how often it was redriven', async () => {
    const broken = new Set(['a']);
    await using bench = new Bench(machine({ A: call('a') }), { f: breakable(broken) });
    const end = await bench.run();
    await bench.redrive(end.arn);
    broken.clear();
    await bench.redrive(end.arn);
    const attempt = ['TaskScheduled', 'TaskStarted'];
    expect(bench.events(end.arn)).toEqual([
      'ExecutionStarted',
      'TaskStateEntered',
      ...attempt,
      'TaskFailed',
      'ExecutionFailed',
      'ExecutionRedriven',
      ...attempt,
      'TaskFailed',
      'ExecutionFailed',
      'ExecutionRedriven',
      ...attempt,
      'TaskSucceeded',
      'TaskStateExited',
      'ExecutionSucceeded',
    ]);
    expect(bench.details(end.arn, 'ExecutionRedriven')).toEqual([{ redriveCount: 1 }, { redriveCount: 2 }]);
  });

  it('tells the states how often and when, and gives them all their retries and time again', async () => {
    const broken = new Set(['a']);
    const payload = {
      name: 'a',
      count: '{% $states.context.Execution.RedriveCount %}',
      retry: '{% $states.context.State.RetryCount %}',
      time: '{% $exists($states.context.Execution.RedriveTime) ? $states.context.Execution.RedriveTime : "none" %}',
    };
    const state = call(payload, { Retry: [{ ErrorEquals: ['Mine'], MaxAttempts: 1 }] });
    await using bench = new Bench(machine({ A: state }, { TimeoutSeconds: 2 }), { f: breakable(broken) });
    const end = await bench.run();
    bench.clock.skip(10_000);
    const time = new Date(bench.clock.now()).toISOString();
    await bench.redrive(end.arn);
    expect(bench.functions.payloads('f')).toEqual([
      { name: 'a', count: 0, retry: 0, time: 'none' },
      { name: 'a', count: 0, retry: 1, time: 'none' },
      { name: 'a', count: 1, retry: 0, time },
      { name: 'a', count: 1, retry: 1, time },
    ]);
    expect((await bench.engine.waitFor(end.arn)).status).toBe('FAILED');
  });

  it('leads back into a loop from a failing task behind it', async () => {
    const states = {
      Work: call({ name: 'work', pass: '{% $exists($pass) ? $pass : 0 %}' }, { Next: 'Report' }),
      Report: task('report', { Next: 'Again?', Assign: { pass: '{% $states.result.Payload.pass %}' } }),
      'Again?': {
        Type: 'Choice',
        Choices: [{ Condition: '{% $states.input.again %}', Next: 'Work' }],
        Default: 'Done',
      },
      Done: { Type: 'Succeed' },
    };
    await using bench = new Bench(machine(states), {
      f: () => 'worked',
      report: (_payload, times) => {
        if (times === 1) throw named('ObjectsFailedError');
        return { again: times === 2, pass: times };
      },
    });
    const end = await bench.run();
    expect(end.error).toBe('ObjectsFailedError');
    expect((await bench.redrive(end.arn)).status).toBe('SUCCEEDED');
    expect(bench.functions.payloads('f')).toEqual([
      { name: 'work', pass: 0 },
      { name: 'work', pass: 2 },
    ]);
  });

  it('enters a Fail state again, and fails again', async () => {
    await using bench = new Bench(machine({ F: { Type: 'Fail', Error: 'Mine' } }));
    const end = await bench.run();
    expect(await bench.redrive(end.arn)).toMatchObject({ status: 'FAILED', error: 'Mine', redrive_count: 1 });
    expect(bench.events(end.arn).slice(-3)).toEqual([
      'ExecutionRedriven',
      'FailStateEntered',
      'ExecutionFailed',
    ]);
  });

  it('evaluates the rules of a Choice again', async () => {
    const states = {
      C: {
        Type: 'Choice',
        Choices: [{ Condition: '{% $states.context.Execution.RedriveCount > 0 %}', Next: 'S' }],
      },
      S: { Type: 'Succeed' },
    };
    await using bench = new Bench(machine(states));
    const end = await bench.run();
    expect(end.error).toBe('States.Runtime');
    expect((await bench.redrive(end.arn)).status).toBe('SUCCEEDED');
  });

  it('leaves a Pass that it was in without executing it', async () => {
    const states = {
      P: {
        Type: 'Pass',
        Next: 'S',
        Output: "{% $states.context.Execution.RedriveCount > 0 ? 'executed' : $states.input.none %}",
      },
      S: { Type: 'Succeed' },
    };
    await using bench = new Bench(machine(states));
    const end = await bench.run('in');
    expect(end.status).toBe('FAILED');
    expect(await bench.redrive(end.arn)).toMatchObject({ status: 'SUCCEEDED', output: '"in"' });
  });

  it('leaves a Wait whose time has come', async () => {
    await using bench = new Bench(
      machine({ W: { Type: 'Wait', Timestamp: '2026-11-22T01:00:00Z', End: true } }),
    );
    const { arn } = bench.engine.startExecution({});
    await bench.engine.stopExecution({ arn });
    bench.clock.skip(2 * 3_600_000);
    const before = bench.clock.now();
    expect((await bench.redrive(arn)).status).toBe('SUCCEEDED');
    expect(bench.clock.now()).toBe(before);
  });

  it('goes by the definition it was started with, and not by that of today', async () => {
    const broken = new Set(['a']);
    await using bench = new Bench(
      machine({ A: call('a', { Next: 'B' }), B: { Type: 'Pass', End: true, Output: 'old' } }),
      { f: breakable(broken) },
    );
    const end = await bench.run();
    broken.clear();
    await bench.reopen(machine({ Other: { Type: 'Pass', End: true, Output: 'new' } }));
    expect((await bench.redrive(end.arn)).output).toBe('"old"');
    expect((await bench.run()).output).toBe('"new"');
  });

  it('continues one that timed out', async () => {
    const bench: Bench = new Bench(machine({ A: task('f') }, { TimeoutSeconds: 10 }), {
      f: async (_payload, times) => {
        await bench.clock.sleep(times === 1 ? 60_000 : 5_000);
        return times;
      },
    });
    await using used = bench;
    const end = await used.run();
    expect(end.status).toBe('TIMED_OUT');
    expect(await used.redrive(end.arn)).toMatchObject({ status: 'SUCCEEDED', output: '2' });
  });

  describe('is refused', () => {
    it('for one that succeeded', async () => {
      await using bench = new Bench(machine({ S: { Type: 'Succeed' } }));
      const end = await bench.run();
      await expect(bench.redrive(end.arn)).rejects.toMatchObject({
        name: 'ExecutionNotRedrivable',
        message: expect.stringContaining('SUCCEEDED'),
      });
    });

    it('for one that is running', async () => {
      await using bench = new Bench(machine({ W: { Type: 'Wait', Seconds: 9, End: true } }));
      const { arn } = bench.engine.startExecution({});
      await expect(bench.engine.redriveExecution({ arn })).rejects.toMatchObject({
        name: 'ExecutionNotRedrivable',
      });
    });

    it('14 days after the end, and not a moment before', async () => {
      await using bench = new Bench(machine({ F: { Type: 'Fail' } }));
      const end = await bench.run();
      bench.clock.skip(14 * day);
      const again = await bench.redrive(end.arn);
      expect(again.redrive_count).toBe(1);
      bench.clock.skip(14 * day + 1);
      await expect(bench.redrive(end.arn)).rejects.toMatchObject({
        message: expect.stringContaining('redrivable period'),
      });
    });

    it('a year after the start, however often it was redriven before, and not a moment before', async () => {
      await using bench = new Bench(machine({ F: { Type: 'Fail' } }));
      const { arn, start_date } = await bench.run();
      for (let n = 1; n <= 26; n += 1) {
        bench.clock.skip(14 * day);
        await bench.redrive(arn);
      }
      bench.clock.skip(start_date + 365 * day - 1 - bench.clock.now());
      await expect(bench.redrive(arn)).resolves.toMatchObject({ redrive_count: 27 });
      bench.clock.skip(1);
      await expect(bench.redrive(arn)).rejects.toMatchObject({ name: 'ExecutionNotRedrivable' });
    });

    it('for a child execution, which only its Map Run redrives', async () => {
      await using bench = new Bench(machine({ M: distributed({ I: call('x') }) }), {
        f: breakable(new Set(['x'])),
      });
      bench.bucket.add('orders/a');
      const end = await bench.run();
      const [mapRun] = bench.engine.queries.mapRuns(end.arn, 1, 0);
      const [child] = bench.engine.queries.executions({ mapRunArn: mapRun?.arn }, 1, 0);
      await expect(bench.redrive(child?.arn ?? '')).rejects.toMatchObject({ name: 'ExecutionNotRedrivable' });
    });
  });

  it('is the same redrive for the same client token', async () => {
    await using bench = new Bench(machine({ F: { Type: 'Fail' } }));
    const end = await bench.run();
    await bench.engine.redriveExecution({ arn: end.arn, clientToken: 't' });
    await bench.engine.redriveExecution({ arn: end.arn, clientToken: 't' });
    expect((await bench.engine.waitFor(end.arn)).redrive_count).toBe(1);
  });
});

describe('redriving inner graphs', () => {
  it('runs only the branches of a Parallel that failed or were stopped; the others keep their results', async () => {
    const broken = new Set(['b']);
    const branches = [
      graph({ A: call('a') }),
      graph({ B0: call('b0', { Next: 'B' }), B: call('b') }),
      graph({ W: { Type: 'Wait', Seconds: 60, Next: 'C' }, C: call('c') }),
    ];
    await using bench = new Bench(machine({ P: { Type: 'Parallel', End: true, Branches: branches } }), {
      f: breakable(broken),
    });
    const end = await bench.run();
    broken.clear();
    expect((await bench.redrive(end.arn)).output).toBe('["a done","b done","c done"]');
    expect(bench.functions.payloads('f')).toEqual(['a', 'b0', 'b', 'b', 'c']);
    expect(bench.events(end.arn).filter((type) => type === 'ParallelStateStarted')).toHaveLength(1);
  });

  it('runs only the iterations of a Map that failed, were stopped or never started, on the original items', async () => {
    const broken = new Set(['2']);
    const items =
      "{% $map([1..5], function($i) { $string($i) & ($states.context.Execution.RedriveCount > 0 ? ' changed' : '') }) %}";
    const map = {
      Type: 'Map',
      End: true,
      Items: items,
      MaxConcurrency: 1,
      ItemProcessor: graph({ I: task('f') }),
    };
    await using bench = new Bench(machine({ M: map }), { f: breakable(broken) });
    const end = await bench.run();
    expect(bench.functions.payloads('f')).toEqual(['1', '2']);
    broken.clear();
    expect((await bench.redrive(end.arn)).output).toBe('["1 done","2 done","3 done","4 done","5 done"]');
    expect(bench.functions.payloads('f')).toEqual(['1', '2', '2', '3', '4', '5']);
  });

  it('keeps the results of nested maps, to the innermost iteration', async () => {
    const broken = new Set(['2.2']);
    const part = task('f', {
      Arguments: { FunctionName: 'f', Payload: "{% $order & '.' & $string($states.input) %}" },
    });
    const inner = {
      Type: 'Map',
      End: true,
      Items: '{% [1..3] %}',
      MaxConcurrency: 1,
      ItemProcessor: graph({ P: part }),
    };
    const outer = {
      Type: 'Map',
      End: true,
      Items: '{% [1..2] %}',
      MaxConcurrency: 1,
      ItemProcessor: graph({
        A: { Type: 'Pass', Next: 'M2', Assign: { order: '{% $string($states.input) %}' } },
        M2: inner,
      }),
    };
    await using bench = new Bench(machine({ M: outer }), { f: breakable(broken) });
    const end = await bench.run();
    broken.clear();
    expect((await bench.redrive(end.arn)).status).toBe('SUCCEEDED');
    expect(bench.functions.payloads('f')).toEqual(['1.1', '1.2', '1.3', '2.1', '2.2', '2.2', '2.3']);
  });

  it('runs everything again when the results did not fit', async () => {
    let size = 200_000;
    const branches = [graph({ A: task('f') }), graph({ B: task('f') })];
    await using bench = new Bench(machine({ P: { Type: 'Parallel', End: true, Branches: branches } }), {
      f: () => 'x'.repeat(size),
    });
    const end = await bench.run();
    expect(end.error).toBe('States.DataLimitExceeded');
    size = 1;
    expect((await bench.redrive(end.arn)).status).toBe('SUCCEEDED');
    expect(bench.functions.calls).toHaveLength(4);
  });
});

// https://docs.aws.amazon.com/step-functions/latest/dg/redrive-map-run.html (read 2026-11-22)
describe('redriving a Map Run', () => {
  const inner = {
    First: call({ name: 'first' }, { Next: 'Second', Output: '{% $states.input %}' }),
    Second: task('f'),
  };
  const fresh = (more: object, broken: Set<string>) => {
    const bench = new Bench(machine({ M: distributed(inner, more) }), { f: breakable(broken) });
    bench.bucket.add('orders/a', 'orders/b', 'orders/c', 'orders/d');
    return bench;
  };
  const mapRuns = (bench: Bench, arn: string) => bench.engine.queries.mapRuns(arn, 9, 0);

  it('continues failed children from their failed state, starts those that never started, and leaves the rest', async () => {
    const broken = new Set(['orders/b']);
    await using bench = fresh({ MaxConcurrency: 1 }, broken);
    const end = await bench.run();
    expect(end.error).toBe('States.ExceedToleratedFailureThreshold');
    broken.clear();
    bench.functions.calls.length = 0;
    expect((await bench.redrive(end.arn)).output).toBe(
      '["orders/a done","orders/b done","orders/c done","orders/d done"]',
    );
    const first = { name: 'first' };
    expect(bench.functions.payloads('f')).toEqual([
      { key: 'orders/b' },
      first,
      { key: 'orders/c' },
      first,
      { key: 'orders/d' },
    ]);
  });

  it('is the same Map Run, redriven, with the same children and their histories', async () => {
    const broken = new Set(['orders/b']);
    await using bench = fresh({ MaxConcurrency: 1 }, broken);
    const end = await bench.run();
    const [before] = mapRuns(bench, end.arn);
    broken.clear();
    await bench.redrive(end.arn);
    const after = mapRuns(bench, end.arn);
    expect(after).toMatchObject([{ arn: before?.arn, status: 'SUCCEEDED', redrive_count: 1 }]);
    const children = bench.engine.queries.executions({ mapRunArn: before?.arn }, 9, 0);
    expect(children.map(({ status, redrive_count }) => [status, redrive_count])).toEqual([
      ['SUCCEEDED', 0],
      ['SUCCEEDED', 1],
      ['SUCCEEDED', 0],
      ['SUCCEEDED', 0],
    ]);
    expect(bench.events(end.arn).slice(-6)).toEqual([
      'ExecutionRedriven',
      'MapRunRedriven',
      'MapRunSucceeded',
      'MapStateSucceeded',
      'MapStateExited',
      'ExecutionSucceeded',
    ]);
    expect(bench.details(end.arn, 'MapRunRedriven')).toEqual([{ mapRunArn: before?.arn, redriveCount: 1 }]);
  });

  it('uses the items it read at first, whatever is in the bucket now', async () => {
    const broken = new Set(['orders/b']);
    await using bench = fresh({}, broken);
    const end = await bench.run();
    bench.bucket.objects.length = 0;
    broken.clear();
    expect((await bench.redrive(end.arn)).output).toContain('orders/d done');
    expect(bench.bucket.listings).toBe(1);
  });

  it('reads the items again when reading them had failed', async () => {
    await using bench = fresh({}, new Set());
    bench.bucket.failure = named('SlowDown');
    const end = await bench.run();
    expect(end.error).toBe('States.ItemReaderFailed');
    bench.bucket.failure = undefined;
    expect((await bench.redrive(end.arn)).status).toBe('SUCCEEDED');
    expect(mapRuns(bench, end.arn)).toMatchObject([{ redrive_count: 1 }]);
  });

  it('reads the items at last when nothing could be written before any child started', async () => {
    await using bench = fresh({ ResultWriter: WRITER }, new Set());
    bench.bucket.failure = named('AccessDenied');
    const end = await bench.run();
    expect(end.error).toBe('States.ResultWriterFailed');
    bench.bucket.failure = undefined;
    expect((await bench.redrive(end.arn)).status).toBe('SUCCEEDED');
    expect(mapRuns(bench, end.arn)).toMatchObject([{ redrive_count: 1, results_written: 4 }]);
    expect(bench.bucket.listings).toBe(1);
  });

  it('only writes the results when all children had succeeded and their results could not be written', async () => {
    const map = distributed({ I: task('f') }, { ResultWriter: WRITER });
    const bench: Bench = new Bench(machine({ M: map }), {
      f: () => {
        bench.bucket.failure = named('AccessDenied');
        return 1;
      },
    });
    bench.bucket.add('orders/a', 'orders/b');
    await using used = bench;
    const end = await used.run();
    expect(end.error).toBe('States.ResultWriterFailed');
    bench.bucket.failure = undefined;
    expect((await used.redrive(end.arn)).status).toBe('SUCCEEDED');
    expect(used.functions.calls).toHaveLength(2);
    expect(used.bucket.listings).toBe(1);
    expect(used.bucket.json('SUCCEEDED_0.json')).toHaveLength(2);
    expect(mapRuns(used, end.arn)).toMatchObject([{ status: 'SUCCEEDED', redrive_count: 1 }]);
  });

  it.each([
    { ended: 'stopped', status: 'ABORTED' },
    { ended: 'timed out', status: 'TIMED_OUT' },
  ])('reads the items again when the execution $ended while it read them', async ({ status }) => {
    let slow = true;
    const bucket = new FakeBucket().add('orders/a', 'orders/b');
    const listing = Promise.withResolvers<void>();
    const itemSource = {
      async *listObjects(name: string, prefix: string) {
        yield* bucket.listObjects(name, prefix);
        listing.resolve();
        if (slow) await bench.clock.sleep(day);
      },
    };
    const bench: Bench = new Bench(
      machine({ M: distributed({ I: task('f') }) }, { TimeoutSeconds: 3_600 }),
      { f: breakable(new Set()) },
      { itemSource },
    );
    await using used = bench;
    const { arn } = used.engine.startExecution({});
    await listing.promise;
    if (status === 'ABORTED') await used.engine.stopExecution({ arn });
    expect(await used.engine.waitFor(arn)).toMatchObject({ status });
    expect(used.functions.calls).toEqual([]);
    slow = false;
    bucket.add('orders/c');
    expect((await used.redrive(arn)).output).toBe('["orders/a done","orders/b done","orders/c done"]');
    expect(mapRuns(used, arn)).toMatchObject([{ status: 'SUCCEEDED', redrive_count: 1 }]);
  });

  it('is not for failures that it tolerated: its state is over', async () => {
    const broken = new Set(['orders/b', 'late']);
    const states = {
      M: distributed(inner, { ToleratedFailurePercentage: 100, Next: 'Late' }),
      Late: call('late'),
    };
    await using bench = new Bench(machine(states), { f: breakable(broken) });
    bench.bucket.add('orders/a', 'orders/b');
    const end = await bench.run();
    expect(end.error).toBe('Mine');
    broken.clear();
    bench.functions.calls.length = 0;
    expect((await bench.redrive(end.arn)).status).toBe('SUCCEEDED');
    expect(bench.functions.payloads('f')).toEqual(['late']);
  });

  it('is a new Map Run when the results did not fit', async () => {
    let size = 140_000;
    await using bench = new Bench(machine({ M: distributed({ I: task('f') }) }), {
      f: () => 'x'.repeat(size),
    });
    bench.bucket.add('orders/a', 'orders/b');
    const end = await bench.run();
    expect(end.error).toBe('States.DataLimitExceeded');
    size = 1;
    expect((await bench.redrive(end.arn)).status).toBe('SUCCEEDED');
    expect(mapRuns(bench, end.arn)).toHaveLength(2);
    expect(bench.functions.calls).toHaveLength(4);
  });

  it('is a new Map Run when the state failed with States.Runtime', async () => {
    const choice = {
      Type: 'Choice',
      Choices: [{ Condition: '{% $states.context.Execution.RedriveCount > 0 %}', Next: 'Z' }],
    };
    const Branches = [
      graph({ M: distributed({ I: task('f') }) }),
      graph({ W: { Type: 'Wait', Seconds: 9, Next: 'C' }, C: choice, Z: { Type: 'Succeed' } }),
    ];
    await using bench = new Bench(machine({ P: { Type: 'Parallel', End: true, Branches } }), {
      f: breakable(new Set()),
    });
    bench.bucket.add('orders/a');
    const end = await bench.run();
    expect(end.error).toBe('States.Runtime');
    expect((await bench.redrive(end.arn)).status).toBe('SUCCEEDED');
    expect(mapRuns(bench, end.arn)).toMatchObject([
      { status: 'SUCCEEDED', redrive_count: 0 },
      { status: 'SUCCEEDED', redrive_count: 0 },
    ]);
    expect(bench.functions.payloads('f')).toEqual([{ key: 'orders/a' }, { key: 'orders/a' }]);
    expect(bench.bucket.listings).toBe(2);
  });

  it('leaves children with 24,999 events as they are, and counts them', async () => {
    const bench: Bench = new Bench(
      machine({ M: distributed({ I: task('f') }, { MaxConcurrency: 1, ToleratedFailurePercentage: 50 }) }),
      {
        f: (_payload, times) => {
          if (times > 2) return times;
          throw named('Mine');
        },
      },
    );
    bench.bucket.add('orders/a', 'orders/b');
    await using used = bench;
    const { events } = used.engine.machine.store;
    const count = events.count.bind(events);
    const began = [0, 0, 24_993, 24_992]; // by id: a child that fails has six events
    events.count = (id) => count(id) || (began[id] ?? 0);
    const end = await used.run();
    const [mapRun] = mapRuns(used, end.arn);
    expect(mapRun && used.engine.queries.mapRunCounts(mapRun)).toMatchObject({
      failed: 2,
      failuresNotRedrivable: 1,
    });
    await used.redrive(end.arn);
    const children = used.engine.queries.executions({ mapRunArn: mapRun?.arn }, 9, 0);
    expect(children.map(({ redrive_count, event_count }) => [redrive_count, event_count])).toEqual([
      [0, 24_999],
      [1, 25_000],
    ]);
  });

  it('leaves children that failed more than 14 days ago as they are, and counts them', async () => {
    const bench: Bench = new Bench(
      machine({ M: distributed({ I: task('f') }, { ToleratedFailureCount: 1 }) }),
      {
        f: async ({ key }: { key: string }, times) => {
          if (times > 2) return key;
          await bench.clock.sleep(key === 'orders/a' ? 1 : 15 * day);
          throw named('Mine');
        },
      },
    );
    bench.bucket.add('orders/a', 'orders/b');
    await using used = bench;
    const end = await used.run();
    expect(end.status).toBe('FAILED');
    const [mapRun] = mapRuns(used, end.arn);
    expect(mapRun && used.engine.queries.mapRunCounts(mapRun)).toMatchObject({
      failed: 2,
      failuresNotRedrivable: 1,
    });
    const again = await used.redrive(end.arn);
    expect(again).toMatchObject({ status: 'SUCCEEDED', output: '["orders/b"]' });
    expect(used.functions.calls).toHaveLength(3);
  });

  it('keeps within its concurrency, and shows who waits for the redrive', async () => {
    const waiting: number[] = [];
    const broken = new Set(['orders/a', 'orders/b', 'orders/c', 'orders/d']);
    let counting = false;
    const f = breakable(broken);
    const bench: Bench = new Bench(
      machine({ M: distributed({ I: task('f') }, { MaxConcurrency: 2, ToleratedFailurePercentage: 99 }) }),
      {
        f: async (payload: { key: string }) => {
          const [mapRun] = mapRuns(bench, bench.engine.queries.executions({}, 1, 0)[0]?.arn ?? '');
          if (counting && mapRun) waiting.push(bench.engine.queries.mapRunCounts(mapRun).pendingRedrive);
          await bench.clock.sleep(10);
          return f(payload);
        },
      },
    );
    bench.bucket.add(...broken);
    await using used = bench;
    const end = await used.run();
    counting = true;
    broken.clear();
    await used.redrive(end.arn);
    expect(waiting).toEqual([2, 2, 1, 0]);
  });

  describe('that is stopped before its turn', () => {
    const stopped = async () => {
      let broken = true;
      let began: () => void = () => undefined;
      const redriven = new Promise<void>((resolve) => {
        began = resolve;
      });
      const bench: Bench = new Bench(
        machine({ M: distributed({ I: task('f') }, { MaxConcurrency: 1, ToleratedFailurePercentage: 99 }) }),
        {
          f: async ({ key }: { key: string }) => {
            if (broken) throw named('Mine', key);
            began();
            await bench.clock.sleep(day);
            return key;
          },
        },
      );
      bench.bucket.add('orders/a', 'orders/b', 'orders/c');
      const { arn } = await bench.run();
      broken = false;
      await bench.engine.redriveExecution({ arn });
      await redriven;
      await bench.engine.stopExecution({ arn });
      return { bench, arn };
    };
    const children = (bench: Bench, arn: string) =>
      bench.engine.queries
        .executions({ mapRunArn: mapRuns(bench, arn)[0]?.arn }, 9, 0)
        .map((child) => [child.status, child.error, bench.events(child.arn).at(-1)]);
    const expected = [
      ['ABORTED', null, 'ExecutionAborted'],
      ['FAILED', 'Mine', 'ExecutionFailed'],
      ['FAILED', 'Mine', 'ExecutionFailed'],
    ];

    it('leaves children that waited for it with the error that they had, also for the next engine', async () => {
      const { bench, arn } = await stopped();
      await using used = bench;
      expect(children(used, arn)).toEqual(expected);
      const [mapRun] = mapRuns(used, arn);
      expect(mapRun && used.engine.queries.mapRunCounts(mapRun)).toMatchObject({
        aborted: 1,
        failed: 2,
        pendingRedrive: 0,
      });
      await used.reopen();
      expect(children(used, arn)).toEqual(expected);
      expect((await used.redrive(arn)).output).toBe('["orders/a","orders/b","orders/c"]');
    });

    it('leaves them so when the engine was killed while they waited', async () => {
      const { bench, arn } = await stopped();
      await using used = bench;
      const { store } = used.engine.machine;
      const [mapRun] = mapRuns(used, arn);
      for (const item of store.items.page(mapRun?.id ?? 0, 'FAILED', -1, 9)) {
        store.items.set(mapRun?.id ?? 0, item.item_index, 'PENDING_REDRIVE', item.execution);
        store.executions.markPendingRedrive(item.execution ?? 0);
      }
      await used.reopen();
      expect(children(used, arn)).toEqual(expected);
    });
  });

  it('does not wait for a redrive in vain when the results cannot be written', async () => {
    const broken = new Set(['orders/a']);
    await using bench = fresh({ MaxConcurrency: 1, ResultWriter: WRITER }, broken);
    const end = await bench.run();
    bench.bucket.failure = named('AccessDenied');
    expect(await bench.redrive(end.arn)).toMatchObject({ error: 'States.ResultWriterFailed' });
    const [mapRun] = mapRuns(bench, end.arn);
    expect(mapRun && bench.engine.queries.mapRunCounts(mapRun)).toMatchObject({
      failed: 1,
      pending: 3,
      pendingRedrive: 0,
    });
  });

  it('ends after 1,000 redrives', async () => {
    await using bench = fresh({ MaxConcurrency: 1 }, new Set(['orders/a']));
    const end = await bench.run();
    const [mapRun] = mapRuns(bench, end.arn);
    for (let n = 0; n < 1_000; n += 1) bench.engine.machine.store.mapRuns.redrive(mapRun?.id ?? 0, 0);
    expect(await bench.redrive(end.arn)).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
  });

  it('continues the children of a Map Run that was stopped', async () => {
    const bench: Bench = new Bench(machine({ M: distributed({ I: task('f') }) }), {
      f: async ({ key }: { key: string }, times) => {
        if (times === 1)
          setImmediate(
            () =>
              void bench.engine.stopExecution({
                arn: bench.engine.queries.executions({}, 1, 0)[0]?.arn ?? '',
              }),
          );
        await bench.clock.sleep(1_000);
        return key;
      },
    });
    bench.bucket.add('orders/a', 'orders/b');
    await using used = bench;
    const end = await used.run();
    expect(end.status).toBe('ABORTED');
    expect((await used.redrive(end.arn)).output).toBe('["orders/a","orders/b"]');
  });
});
