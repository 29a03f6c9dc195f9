import { describe, expect, it } from 'vitest';
import type { Json } from '../src/json.ts';
import { distributed, FakeBucket, graph, Harness, machine, named, task } from './support/harness.ts';

/** A function that fails while `broken` contains the name in its payload. */
const breakable = (broken: Set<string>) => (payload: { name?: string; key?: string } | string) => {
  const name = typeof payload === 'string' ? payload : (payload.name ?? payload.key ?? '');
  if (broken.has(name)) throw named('Mine', name);
  return `${name} done`;
};
const call = (payload: Json, more: object = {}) =>
  task('f', { Arguments: { FunctionName: 'f', Payload: payload }, ...more });
const day = 86_400_000;
const resultWriter = {
  Resource: 'arn:aws:states:::s3:putObject',
  Arguments: { Bucket: 'work', Prefix: 'p' },
};

// https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html (read 2026-11-22)
describe('redriving an execution', () => {
  it('a redrive runs the failed task again with its input and variables, but not the tasks that succeeded', async () => {
    const broken = new Set(['b']);
    const states = {
      A: call('a', { Next: 'B', Assign: { x: '{% $states.result.Payload %}' } }),
      B: call('b', { Next: 'C', Output: '{% [$states.input, $x, $states.result.Payload] %}' }),
      C: { Type: 'Pass', End: true },
    };
    await using harness = new Harness(machine(states), { f: breakable(broken) });
    const end = await harness.run();
    expect(end.status).toBe('FAILED');
    broken.clear();
    const again = await harness.redrive(end.arn);
    expect(again).toMatchObject({
      status: 'SUCCEEDED',
      error: null,
      cause: null,
      redrive_count: 1,
      arn: end.arn,
    });
    expect(JSON.parse(again.output ?? '')).toEqual(['a done', 'a done', 'b done']);
    expect(harness.functions.payloads('f')).toEqual(['a', 'b', 'b']);
  });

  it('a redrive continues the same history, with the number of redrives', async () => {
    const broken = new Set(['a']);
    await using harness = new Harness(machine({ A: call('a') }), { f: breakable(broken) });
    const end = await harness.run();
    await harness.redrive(end.arn);
    broken.clear();
    await harness.redrive(end.arn);
    const attempt = ['TaskScheduled', 'TaskStarted'];
    expect(harness.events(end.arn)).toEqual([
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
    expect(harness.details(end.arn, 'ExecutionRedriven')).toEqual([{ redriveCount: 1 }, { redriveCount: 2 }]);
  });

  it('a redriven state sees RedriveCount and RedriveTime, and has all its retries and time again', async () => {
    const broken = new Set(['a']);
    const payload = {
      name: 'a',
      count: '{% $states.context.Execution.RedriveCount %}',
      retry: '{% $states.context.State.RetryCount %}',
      time: '{% $exists($states.context.Execution.RedriveTime) ? $states.context.Execution.RedriveTime : "none" %}',
    };
    const state = call(payload, { Retry: [{ ErrorEquals: ['Mine'], MaxAttempts: 1 }] });
    await using harness = new Harness(machine({ A: state }, { TimeoutSeconds: 2 }), { f: breakable(broken) });
    const end = await harness.run();
    harness.clock.skip(10_000);
    const time = new Date(harness.clock.now()).toISOString();
    await harness.redrive(end.arn);
    expect(harness.functions.payloads('f')).toEqual([
      { name: 'a', count: 0, retry: 0, time: 'none' },
      { name: 'a', count: 0, retry: 1, time: 'none' },
      { name: 'a', count: 1, retry: 0, time },
      { name: 'a', count: 1, retry: 1, time },
    ]);
    expect((await harness.engine.waitFor(end.arn)).status).toBe('FAILED');
  });

  it('a redrive of a task that fails after a loop can lead back into the loop', async () => {
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
    await using harness = new Harness(machine(states), {
      f: () => 'worked',
      report: (_payload, times) => {
        if (times === 1) throw named('ObjectsFailedError');
        return { again: times === 2, pass: times };
      },
    });
    const end = await harness.run();
    expect(end.error).toBe('ObjectsFailedError');
    expect((await harness.redrive(end.arn)).status).toBe('SUCCEEDED');
    expect(harness.functions.payloads('f')).toEqual([
      { name: 'work', pass: 0 },
      { name: 'work', pass: 2 },
    ]);
  });

  it('a redrive enters a Fail state again and fails again', async () => {
    await using harness = new Harness(machine({ F: { Type: 'Fail', Error: 'Mine' } }));
    const end = await harness.run();
    expect(await harness.redrive(end.arn)).toMatchObject({
      status: 'FAILED',
      error: 'Mine',
      redrive_count: 1,
    });
    expect(harness.events(end.arn).slice(-3)).toEqual([
      'ExecutionRedriven',
      'FailStateEntered',
      'ExecutionFailed',
    ]);
  });

  it('a redrive evaluates the rules of a Choice again', async () => {
    const states = {
      C: {
        Type: 'Choice',
        Choices: [{ Condition: '{% $states.context.Execution.RedriveCount > 0 %}', Next: 'S' }],
      },
      S: { Type: 'Succeed' },
    };
    await using harness = new Harness(machine(states));
    const end = await harness.run();
    expect(end.error).toBe('States.Runtime');
    expect((await harness.redrive(end.arn)).status).toBe('SUCCEEDED');
  });

  it('a redrive leaves the current Pass without executing it', async () => {
    const states = {
      P: {
        Type: 'Pass',
        Next: 'S',
        Output: "{% $states.context.Execution.RedriveCount > 0 ? 'executed' : $states.input.none %}",
      },
      S: { Type: 'Succeed' },
    };
    await using harness = new Harness(machine(states));
    const end = await harness.run('in');
    expect(end.status).toBe('FAILED');
    expect(await harness.redrive(end.arn)).toMatchObject({ status: 'SUCCEEDED', output: '"in"' });
  });

  it('a redrive leaves a Wait whose time has passed', async () => {
    await using harness = new Harness(
      machine({ W: { Type: 'Wait', Timestamp: '2026-11-22T01:00:00Z', End: true } }),
    );
    const { arn } = harness.engine.startExecution({});
    await harness.engine.stopExecution({ arn });
    harness.clock.skip(2 * 3_600_000);
    const before = harness.clock.now();
    expect((await harness.redrive(arn)).status).toBe('SUCCEEDED');
    expect(harness.clock.now()).toBe(before);
  });

  it('a redrive uses the definition that the execution was started with', async () => {
    const broken = new Set(['a']);
    await using harness = new Harness(
      machine({ A: call('a', { Next: 'B' }), B: { Type: 'Pass', End: true, Output: 'old' } }),
      { f: breakable(broken) },
    );
    const end = await harness.run();
    broken.clear();
    await harness.reopen(machine({ Other: { Type: 'Pass', End: true, Output: 'new' } }));
    expect((await harness.redrive(end.arn)).output).toBe('"old"');
    expect((await harness.run()).output).toBe('"new"');
  });

  it('a redrive continues an execution that timed out', async () => {
    const harness: Harness = new Harness(machine({ A: task('f') }, { TimeoutSeconds: 10 }), {
      f: async (_payload, times) => {
        await harness.clock.sleep(times === 1 ? 60_000 : 5_000);
        return times;
      },
    });
    await using used = harness;
    const end = await used.run();
    expect(end.status).toBe('TIMED_OUT');
    expect(await used.redrive(end.arn)).toMatchObject({ status: 'SUCCEEDED', output: '2' });
  });

  describe('refused redrives', () => {
    it('a redrive is refused for an execution that succeeded', async () => {
      await using harness = new Harness(machine({ S: { Type: 'Succeed' } }));
      const end = await harness.run();
      await expect(harness.redrive(end.arn)).rejects.toMatchObject({
        name: 'ExecutionNotRedrivable',
        message: expect.stringContaining('SUCCEEDED'),
      });
    });

    it('a redrive is refused for an execution that is running', async () => {
      await using harness = new Harness(machine({ W: { Type: 'Wait', Seconds: 9, End: true } }));
      const { arn } = harness.engine.startExecution({});
      await expect(harness.engine.redriveExecution({ arn })).rejects.toMatchObject({
        name: 'ExecutionNotRedrivable',
      });
    });

    it('a redrive is refused later than 14 days after the end, but not earlier', async () => {
      await using harness = new Harness(machine({ F: { Type: 'Fail' } }));
      const end = await harness.run();
      harness.clock.skip(14 * day);
      const again = await harness.redrive(end.arn);
      expect(again.redrive_count).toBe(1);
      harness.clock.skip(14 * day + 1);
      await expect(harness.redrive(end.arn)).rejects.toMatchObject({
        message: expect.stringContaining('redrivable period'),
      });
    });

    it('a redrive is refused a year after the start, even after earlier redrives, but not earlier', async () => {
      await using harness = new Harness(machine({ F: { Type: 'Fail' } }));
      const { arn, start_date } = await harness.run();
      for (let n = 1; n <= 26; n += 1) {
        harness.clock.skip(14 * day);
        await harness.redrive(arn);
      }
      harness.clock.skip(start_date + 365 * day - 1 - harness.clock.now());
      await expect(harness.redrive(arn)).resolves.toMatchObject({ redrive_count: 27 });
      harness.clock.skip(1);
      await expect(harness.redrive(arn)).rejects.toMatchObject({ name: 'ExecutionNotRedrivable' });
    });

    it('a redrive is refused for a child execution, because its parent has to be redriven', async () => {
      await using harness = new Harness(machine({ M: distributed({ I: call('x') }) }), {
        f: breakable(new Set(['x'])),
      });
      harness.bucket.add('orders/a');
      const end = await harness.run();
      const [mapRun] = harness.engine.queries.mapRuns(end.arn, 1, 0);
      const [child] = harness.engine.queries.executions({ mapRunArn: mapRun?.arn }, 1, 0);
      await expect(harness.redrive(child?.arn ?? '')).rejects.toMatchObject({
        name: 'ExecutionNotRedrivable',
      });
    });
  });

  it('a second redrive with the same client token does nothing', async () => {
    await using harness = new Harness(machine({ F: { Type: 'Fail' } }));
    const end = await harness.run();
    await harness.engine.redriveExecution({ arn: end.arn, clientToken: 't' });
    await harness.engine.redriveExecution({ arn: end.arn, clientToken: 't' });
    expect((await harness.engine.waitFor(end.arn)).redrive_count).toBe(1);
  });
});

describe('redriving inner graphs', () => {
  it('a redrive of a Parallel runs only the branches that failed or were stopped', async () => {
    const broken = new Set(['b']);
    const branches = [
      graph({ A: call('a') }),
      graph({ B0: call('b0', { Next: 'B' }), B: call('b') }),
      graph({ W: { Type: 'Wait', Seconds: 60, Next: 'C' }, C: call('c') }),
    ];
    await using harness = new Harness(machine({ P: { Type: 'Parallel', End: true, Branches: branches } }), {
      f: breakable(broken),
    });
    const end = await harness.run();
    broken.clear();
    expect((await harness.redrive(end.arn)).output).toBe('["a done","b done","c done"]');
    expect(harness.functions.payloads('f')).toEqual(['a', 'b0', 'b', 'b', 'c']);
    expect(harness.events(end.arn).filter((type) => type === 'ParallelStateStarted')).toHaveLength(1);
  });

  it('a redrive of an inline map runs only the iterations that did not succeed, with the original items', async () => {
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
    await using harness = new Harness(machine({ M: map }), { f: breakable(broken) });
    const end = await harness.run();
    expect(harness.functions.payloads('f')).toEqual(['1', '2']);
    broken.clear();
    expect((await harness.redrive(end.arn)).output).toBe('["1 done","2 done","3 done","4 done","5 done"]');
    expect(harness.functions.payloads('f')).toEqual(['1', '2', '2', '3', '4', '5']);
  });

  it('a redrive keeps the results of nested maps, down to the innermost iteration', async () => {
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
    await using harness = new Harness(machine({ M: outer }), { f: breakable(broken) });
    const end = await harness.run();
    broken.clear();
    expect((await harness.redrive(end.arn)).status).toBe('SUCCEEDED');
    expect(harness.functions.payloads('f')).toEqual(['1.1', '1.2', '1.3', '2.1', '2.2', '2.2', '2.3']);
  });

  it('a redrive runs all iterations again when their results were too large', async () => {
    let size = 200_000;
    const branches = [graph({ A: task('f') }), graph({ B: task('f') })];
    await using harness = new Harness(machine({ P: { Type: 'Parallel', End: true, Branches: branches } }), {
      f: () => 'x'.repeat(size),
    });
    const end = await harness.run();
    expect(end.error).toBe('States.DataLimitExceeded');
    size = 1;
    expect((await harness.redrive(end.arn)).status).toBe('SUCCEEDED');
    expect(harness.functions.calls).toHaveLength(4);
  });
});

// https://docs.aws.amazon.com/step-functions/latest/dg/redrive-map-run.html (read 2026-11-22)
describe('redriving a Map Run', () => {
  const inner = {
    First: call({ name: 'first' }, { Next: 'Second', Output: '{% $states.input %}' }),
    Second: task('f'),
  };
  const fresh = (more: object, broken: Set<string>) => {
    const harness = new Harness(machine({ M: distributed(inner, more) }), { f: breakable(broken) });
    harness.bucket.add('orders/a', 'orders/b', 'orders/c', 'orders/d');
    return harness;
  };
  const mapRuns = (harness: Harness, arn: string) => harness.engine.queries.mapRuns(arn, 9, 0);

  it('a redriven Map Run continues failed children from the failed state and starts those that never started', async () => {
    const broken = new Set(['orders/b']);
    await using harness = fresh({ MaxConcurrency: 1 }, broken);
    const end = await harness.run();
    expect(end.error).toBe('States.ExceedToleratedFailureThreshold');
    broken.clear();
    harness.functions.calls.length = 0;
    expect((await harness.redrive(end.arn)).output).toBe(
      '["orders/a done","orders/b done","orders/c done","orders/d done"]',
    );
    const first = { name: 'first' };
    expect(harness.functions.payloads('f')).toEqual([
      { key: 'orders/b' },
      first,
      { key: 'orders/c' },
      first,
      { key: 'orders/d' },
    ]);
  });

  it('a redrive continues the same Map Run, with the same children and histories', async () => {
    const broken = new Set(['orders/b']);
    await using harness = fresh({ MaxConcurrency: 1 }, broken);
    const end = await harness.run();
    const [before] = mapRuns(harness, end.arn);
    broken.clear();
    await harness.redrive(end.arn);
    const after = mapRuns(harness, end.arn);
    expect(after).toMatchObject([{ arn: before?.arn, status: 'SUCCEEDED', redrive_count: 1 }]);
    const children = harness.engine.queries.executions({ mapRunArn: before?.arn }, 9, 0);
    expect(children.map(({ status, redrive_count }) => [status, redrive_count])).toEqual([
      ['SUCCEEDED', 0],
      ['SUCCEEDED', 1],
      ['SUCCEEDED', 0],
      ['SUCCEEDED', 0],
    ]);
    expect(harness.events(end.arn).slice(-6)).toEqual([
      'ExecutionRedriven',
      'MapRunRedriven',
      'MapRunSucceeded',
      'MapStateSucceeded',
      'MapStateExited',
      'ExecutionSucceeded',
    ]);
    expect(harness.details(end.arn, 'MapRunRedriven')).toEqual([{ mapRunArn: before?.arn, redriveCount: 1 }]);
  });

  it('a redriven Map Run uses the items that it read first, not those in the bucket now', async () => {
    const broken = new Set(['orders/b']);
    await using harness = fresh({}, broken);
    const end = await harness.run();
    harness.bucket.objects.length = 0;
    broken.clear();
    expect((await harness.redrive(end.arn)).output).toContain('orders/d done');
    expect(harness.bucket.listings).toBe(1);
  });

  it('a redriven Map Run reads its items again when reading had failed', async () => {
    await using harness = fresh({}, new Set());
    harness.bucket.failure = named('SlowDown');
    const end = await harness.run();
    expect(end.error).toBe('States.ItemReaderFailed');
    harness.bucket.failure = undefined;
    expect((await harness.redrive(end.arn)).status).toBe('SUCCEEDED');
    expect(mapRuns(harness, end.arn)).toMatchObject([{ redrive_count: 1 }]);
  });

  it('a redriven Map Run reads its items when the ResultWriter had failed before any child started', async () => {
    await using harness = fresh({ ResultWriter: resultWriter }, new Set());
    harness.bucket.failure = named('AccessDenied');
    const end = await harness.run();
    expect(end.error).toBe('States.ResultWriterFailed');
    harness.bucket.failure = undefined;
    expect((await harness.redrive(end.arn)).status).toBe('SUCCEEDED');
    expect(mapRuns(harness, end.arn)).toMatchObject([{ redrive_count: 1, results_written: 4 }]);
    expect(harness.bucket.listings).toBe(1);
  });

  it('a redriven Map Run only writes the results when all children had succeeded', async () => {
    const map = distributed({ I: task('f') }, { ResultWriter: resultWriter });
    const harness: Harness = new Harness(machine({ M: map }), {
      f: () => {
        harness.bucket.failure = named('AccessDenied');
        return 1;
      },
    });
    harness.bucket.add('orders/a', 'orders/b');
    await using used = harness;
    const end = await used.run();
    expect(end.error).toBe('States.ResultWriterFailed');
    harness.bucket.failure = undefined;
    expect((await used.redrive(end.arn)).status).toBe('SUCCEEDED');
    expect(used.functions.calls).toHaveLength(2);
    expect(used.bucket.listings).toBe(1);
    expect(used.bucket.json('SUCCEEDED_0.json')).toHaveLength(2);
    expect(mapRuns(used, end.arn)).toMatchObject([{ status: 'SUCCEEDED', redrive_count: 1 }]);
  });

  it.each([
    { ended: 'stopped', status: 'ABORTED' },
    { ended: 'timed out', status: 'TIMED_OUT' },
  ])(
    'a redriven Map Run reads its items again when the execution $ended while it read them',
    async ({ status }) => {
      let slow = true;
      const bucket = new FakeBucket().add('orders/a', 'orders/b');
      const listing = Promise.withResolvers<void>();
      const itemSource = {
        async *listObjects(name: string, prefix: string) {
          yield* bucket.listObjects(name, prefix);
          listing.resolve();
          if (slow) await harness.clock.sleep(day);
        },
      };
      const harness: Harness = new Harness(
        machine({ M: distributed({ I: task('f') }) }, { TimeoutSeconds: 3_600 }),
        { f: breakable(new Set()) },
        { itemSource },
      );
      await using used = harness;
      const { arn } = used.engine.startExecution({});
      await listing.promise;
      if (status === 'ABORTED') await used.engine.stopExecution({ arn });
      expect(await used.engine.waitFor(arn)).toMatchObject({ status });
      expect(used.functions.calls).toEqual([]);
      slow = false;
      bucket.add('orders/c');
      expect((await used.redrive(arn)).output).toBe('["orders/a done","orders/b done","orders/c done"]');
      expect(mapRuns(used, arn)).toMatchObject([{ status: 'SUCCEEDED', redrive_count: 1 }]);
    },
  );

  it('a redrive does not repeat failures that a Map Run tolerated', async () => {
    const broken = new Set(['orders/b', 'late']);
    const states = {
      M: distributed(inner, { ToleratedFailurePercentage: 100, Next: 'Late' }),
      Late: call('late'),
    };
    await using harness = new Harness(machine(states), { f: breakable(broken) });
    harness.bucket.add('orders/a', 'orders/b');
    const end = await harness.run();
    expect(end.error).toBe('Mine');
    broken.clear();
    harness.functions.calls.length = 0;
    expect((await harness.redrive(end.arn)).status).toBe('SUCCEEDED');
    expect(harness.functions.payloads('f')).toEqual(['late']);
  });

  it('a redrive starts a new Map Run when the results were too large', async () => {
    let size = 140_000;
    await using harness = new Harness(machine({ M: distributed({ I: task('f') }) }), {
      f: () => 'x'.repeat(size),
    });
    harness.bucket.add('orders/a', 'orders/b');
    const end = await harness.run();
    expect(end.error).toBe('States.DataLimitExceeded');
    size = 1;
    expect((await harness.redrive(end.arn)).status).toBe('SUCCEEDED');
    expect(mapRuns(harness, end.arn)).toHaveLength(2);
    expect(harness.functions.calls).toHaveLength(4);
  });

  it('a redrive starts a new Map Run when the state failed with States.Runtime', async () => {
    const choice = {
      Type: 'Choice',
      Choices: [{ Condition: '{% $states.context.Execution.RedriveCount > 0 %}', Next: 'Z' }],
    };
    const Branches = [
      graph({ M: distributed({ I: task('f') }) }),
      graph({ W: { Type: 'Wait', Seconds: 9, Next: 'C' }, C: choice, Z: { Type: 'Succeed' } }),
    ];
    await using harness = new Harness(machine({ P: { Type: 'Parallel', End: true, Branches } }), {
      f: breakable(new Set()),
    });
    harness.bucket.add('orders/a');
    const end = await harness.run();
    expect(end.error).toBe('States.Runtime');
    expect((await harness.redrive(end.arn)).status).toBe('SUCCEEDED');
    expect(mapRuns(harness, end.arn)).toMatchObject([
      { status: 'SUCCEEDED', redrive_count: 0 },
      { status: 'SUCCEEDED', redrive_count: 0 },
    ]);
    expect(harness.functions.payloads('f')).toEqual([{ key: 'orders/a' }, { key: 'orders/a' }]);
    expect(harness.bucket.listings).toBe(2);
  });

  it('a redriven Map Run skips and counts children with 24,999 events', async () => {
    const harness: Harness = new Harness(
      machine({ M: distributed({ I: task('f') }, { MaxConcurrency: 1, ToleratedFailurePercentage: 50 }) }),
      {
        f: (_payload, times) => {
          if (times > 2) return times;
          throw named('Mine');
        },
      },
    );
    harness.bucket.add('orders/a', 'orders/b');
    await using used = harness;
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

  it('a redriven Map Run skips and counts children that failed more than 14 days ago', async () => {
    const harness: Harness = new Harness(
      machine({ M: distributed({ I: task('f') }, { ToleratedFailureCount: 1 }) }),
      {
        f: async ({ key }: { key: string }, times) => {
          if (times > 2) return key;
          await harness.clock.sleep(key === 'orders/a' ? 1 : 15 * day);
          throw named('Mine');
        },
      },
    );
    harness.bucket.add('orders/a', 'orders/b');
    await using used = harness;
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

  it('a redriven Map Run keeps its concurrency and shows which children wait for their redrive', async () => {
    const waiting: number[] = [];
    const broken = new Set(['orders/a', 'orders/b', 'orders/c', 'orders/d']);
    let counting = false;
    const f = breakable(broken);
    const harness: Harness = new Harness(
      machine({ M: distributed({ I: task('f') }, { MaxConcurrency: 2, ToleratedFailurePercentage: 99 }) }),
      {
        f: async (payload: { key: string }) => {
          const [mapRun] = mapRuns(harness, harness.engine.queries.executions({}, 1, 0)[0]?.arn ?? '');
          if (counting && mapRun) waiting.push(harness.engine.queries.mapRunCounts(mapRun).pendingRedrive);
          await harness.clock.sleep(10);
          return f(payload);
        },
      },
    );
    harness.bucket.add(...broken);
    await using used = harness;
    const end = await used.run();
    counting = true;
    broken.clear();
    await used.redrive(end.arn);
    expect(waiting).toEqual([2, 2, 1, 0]);
  });

  describe('a redrive that is stopped before all children have started', () => {
    const stopped = async () => {
      let broken = true;
      let began: () => void = () => undefined;
      const redriven = new Promise<void>((resolve) => {
        began = resolve;
      });
      const harness: Harness = new Harness(
        machine({ M: distributed({ I: task('f') }, { MaxConcurrency: 1, ToleratedFailurePercentage: 99 }) }),
        {
          f: async ({ key }: { key: string }) => {
            if (broken) throw named('Mine', key);
            began();
            await harness.clock.sleep(day);
            return key;
          },
        },
      );
      harness.bucket.add('orders/a', 'orders/b', 'orders/c');
      const { arn } = await harness.run();
      broken = false;
      await harness.engine.redriveExecution({ arn });
      await redriven;
      await harness.engine.stopExecution({ arn });
      return { harness, arn };
    };
    const children = (harness: Harness, arn: string) =>
      harness.engine.queries
        .executions({ mapRunArn: mapRuns(harness, arn)[0]?.arn }, 9, 0)
        .map((child) => [child.status, child.error, harness.events(child.arn).at(-1)]);
    const expected = [
      ['ABORTED', null, 'ExecutionAborted'],
      ['FAILED', 'Mine', 'ExecutionFailed'],
      ['FAILED', 'Mine', 'ExecutionFailed'],
    ];

    it('children that waited for a redrive that was stopped keep their error, also after a restart', async () => {
      const { harness, arn } = await stopped();
      await using used = harness;
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

    it('children that waited for a redrive keep their error when the engine is killed', async () => {
      const { harness, arn } = await stopped();
      await using used = harness;
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

  it('children do not wait for a redrive when the results cannot be written', async () => {
    const broken = new Set(['orders/a']);
    await using harness = fresh({ MaxConcurrency: 1, ResultWriter: resultWriter }, broken);
    const end = await harness.run();
    harness.bucket.failure = named('AccessDenied');
    expect(await harness.redrive(end.arn)).toMatchObject({ error: 'States.ResultWriterFailed' });
    const [mapRun] = mapRuns(harness, end.arn);
    expect(mapRun && harness.engine.queries.mapRunCounts(mapRun)).toMatchObject({
      failed: 1,
      pending: 3,
      pendingRedrive: 0,
    });
  });

  it('a Map Run cannot be redriven more than 1,000 times', async () => {
    await using harness = fresh({ MaxConcurrency: 1 }, new Set(['orders/a']));
    const end = await harness.run();
    const [mapRun] = mapRuns(harness, end.arn);
    for (let n = 0; n < 1_000; n += 1) harness.engine.machine.store.mapRuns.redrive(mapRun?.id ?? 0, 0);
    expect(await harness.redrive(end.arn)).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
  });

  it('a redrive continues the children of a Map Run that was stopped', async () => {
    const harness: Harness = new Harness(machine({ M: distributed({ I: task('f') }) }), {
      f: async ({ key }: { key: string }, times) => {
        if (times === 1)
          setImmediate(
            () =>
              void harness.engine.stopExecution({
                arn: harness.engine.queries.executions({}, 1, 0)[0]?.arn ?? '',
              }),
          );
        await harness.clock.sleep(1_000);
        return key;
      },
    });
    harness.bucket.add('orders/a', 'orders/b');
    await using used = harness;
    const end = await used.run();
    expect(end.status).toBe('ABORTED');
    expect((await used.redrive(end.arn)).output).toBe('["orders/a","orders/b"]');
  });
});
