import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../src/json.ts';
import { Bench, distributed, graph, machine, named, reader, task } from './support/harness.ts';

const writer = (config?: object) => ({
  Resource: 'arn:aws:states:::s3:putObject',
  Arguments: { Bucket: 'work', Prefix: "{% 'runs/' & $states.context.Execution.Name & '/out' %}" },
  ...(config && { WriterConfig: config }),
});
const keys = (count: number) =>
  Array.from({ length: count }, (_, n) => `orders/${String(n).padStart(6, '0')}`);
const failOn =
  (...bad: string[]) =>
  (order: { key: string }) => {
    if (bad.includes(order.key)) throw named('Mine');
    return order.key;
  };
const onlyMapRun = (bench: Bench, arn: string) => {
  const [mapRun] = bench.engine.queries.mapRuns(arn, 10, 0);
  if (!mapRun) throw new Error('no map run');
  return mapRun;
};

// https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html (read 2026-11-22)
describe('a distributed map', () => {
  it('starts a child execution for each object that its reader lists', async () => {
    await using bench = new Bench(machine({ M: distributed({ I: task('f') }) }), { f: failOn() });
    bench.bucket.add('orders/a', 'orders/b', 'elsewhere/c');
    const end = await bench.run();
    expect(end.output).toBe('["orders/a","orders/b"]');
    // The order and predecessors of events as recorded from AWS: https://github.com/localstack/localstack/blob/master/tests/aws/services/stepfunctions/v2/scenarios/test_base_scenarios.snapshot.json
    const history = bench.engine.queries.history(end.arn).map(({ type, previous_id }) => [type, previous_id]);
    expect(history.slice(1)).toEqual([
      ['MapStateEntered', 0],
      ['MapStateStarted', 2],
      ['MapRunStarted', 3],
      ['MapRunSucceeded', 4],
      ['MapStateSucceeded', 5],
      ['MapStateExited', 5],
      ['ExecutionSucceeded', 7],
    ]);
  });

  // https://docs.aws.amazon.com/step-functions/latest/dg/concepts-examine-map-run.html (read 2026-11-22)
  it('names its children after machine, label and a unique id, and each has a history of its own', async () => {
    await using bench = new Bench(machine({ M: distributed({ I: task('f') }) }), { f: failOn() });
    bench.bucket.add('orders/a');
    const end = await bench.run();
    const mapRun = onlyMapRun(bench, end.arn);
    const [child] = bench.engine.queries.executions({ mapRunArn: mapRun.arn }, 10, 0);
    expect(mapRun.arn).toMatch(
      /^arn:aws:states:us-east-1:000000000000:mapRun:machine\/Orders:[0-9a-f-]{36}$/,
    );
    expect(child?.arn).toMatch(
      /^arn:aws:states:us-east-1:000000000000:execution:machine\/Orders:[0-9a-f-]{36}$/,
    );
    expect(child?.state_machine_arn).toBe(
      'arn:aws:states:us-east-1:000000000000:stateMachine:machine/Orders',
    );
    expect(bench.events(child?.arn ?? '')).toEqual([
      'ExecutionStarted',
      'TaskStateEntered',
      'TaskScheduled',
      'TaskStarted',
      'TaskSucceeded',
      'TaskStateExited',
      'ExecutionSucceeded',
    ]);
  });

  // https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html (read 2026-11-22)
  it('shows its children nothing of the parent but what ItemSelector gives them', async () => {
    const selector = {
      key: '{% $states.context.Map.Item.Value.Key %}',
      given: '{% $states.input.given %}',
      parent: '{% $states.context.Execution.Name %}',
      source: '{% $states.context.Map.Item.Source %}',
    };
    const output =
      '{% {"input": $states.input, "secret": $exists($secret), "item": $exists($states.context.Map)} %}';
    const states = {
      A: { Type: 'Pass', Next: 'M', Assign: { secret: 's' }, Output: { given: 's' } },
      M: distributed({ I: { Type: 'Pass', End: true, Output: output } }, { ItemSelector: selector }),
    };
    await using bench = new Bench(machine(states));
    bench.bucket.add('orders/a');
    const input = { key: 'orders/a', given: 's', parent: 'run', source: 'S3://work' };
    expect(JSON.parse((await bench.run({ all: 1 }, 'run')).output ?? '')).toEqual([
      { input, secret: false, item: false },
    ]);
  });

  // https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html (read 2026-11-22)
  it('gives its children a context of their own: id, name, start, input and machine are those of the child', async () => {
    const output = '{% $merge([$states.context.Execution, {"machine": $states.context.StateMachine.Id}]) %}';
    const states = {
      W: { Type: 'Wait', Seconds: 60, Next: 'M' },
      M: distributed({ I: { Type: 'Succeed', Output: output } }),
    };
    await using bench = new Bench(machine(states));
    bench.bucket.add('orders/a');
    const end = await bench.run({ all: 1 }, 'run');
    const [child] = bench.engine.queries.executions({ mapRunArn: onlyMapRun(bench, end.arn).arn }, 9, 0);
    expect(JSON.parse(end.output ?? '')).toEqual([
      {
        Id: child?.arn,
        Name: child?.name,
        StartTime: new Date(end.start_date + 60_000).toISOString(),
        Input: { key: 'orders/a' },
        RoleArn: 'arn:aws:iam::000000000000:role/local',
        RedriveCount: 0,
        machine: child?.state_machine_arn,
      },
    ]);
    expect(child?.name).not.toBe('run');
  });

  // https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html (read 2026-11-22)
  it('gives an object as listObjectsV2 does when it has no ItemSelector', async () => {
    const { ItemSelector: _, ...map } = distributed({ I: { Type: 'Succeed' } }) as { ItemSelector?: object };
    await using bench = new Bench(machine({ M: map }));
    bench.bucket.add('orders/a');
    expect(JSON.parse((await bench.run()).output ?? '')).toEqual([
      { Etag: '"e"', Key: 'orders/a', LastModified: 1, Size: 1, StorageClass: 'STANDARD' },
    ]);
  });

  // https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html (read 2026-11-22)
  it('iterates over items of its state as well', async () => {
    const {
      ItemReader: _,
      ItemSelector: __,
      ...map
    } = distributed({ I: { Type: 'Succeed' } }, { Items: '{% [1..3] %}' }) as {
      ItemReader?: object;
      ItemSelector?: object;
    };
    await using bench = new Bench(machine({ M: map }));
    const end = await bench.run();
    expect(end.output).toBe('[1,2,3]');
    expect(bench.details(end.arn, 'MapStateStarted')).toEqual([{ length: 3 }]);
  });

  it('runs nested inline maps in its children', async () => {
    const inner = {
      Type: 'Map',
      End: true,
      Items: '{% [1..4] %}',
      MaxConcurrency: 2,
      ItemProcessor: { StartAt: 'P', States: { P: task('part') } },
    };
    await using bench = new Bench(machine({ M: distributed({ I: inner }) }), { part: (n: number) => n * n });
    bench.bucket.add('orders/a', 'orders/b');
    expect((await bench.run()).output).toBe('[[1,4,9,16],[1,4,9,16]]');
  });

  it('succeeds at once when there is nothing to read', async () => {
    await using bench = new Bench(machine({ M: distributed({ I: task('f') }) }));
    expect(await bench.run()).toMatchObject({ status: 'SUCCEEDED', output: '[]' });
  });

  // https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html (read 2026-11-22)
  it('fails with States.ItemReaderFailed when the bucket cannot be listed', async () => {
    await using bench = new Bench(machine({ M: distributed({ I: task('f') }) }));
    bench.bucket.failure = named('AccessDenied', 'Access Denied');
    const end = await bench.run();
    expect(end).toMatchObject({
      status: 'FAILED',
      error: 'States.ItemReaderFailed',
      cause: 'Cannot list s3://work/orders/. AccessDenied: Access Denied',
    });
    expect(bench.events(end.arn).slice(-4)).toEqual([
      'MapRunStarted',
      'MapRunFailed',
      'MapStateFailed',
      'ExecutionFailed',
    ]);
  });

  describe('dispatches', () => {
    const crowd = async (more: object, count: number, millis: number) => {
      let running = 0;
      let most = 0;
      const starts: number[] = [];
      const bench: Bench = new Bench(
        machine({ M: distributed({ I: task('f', { Output: null }) }, { ResultWriter: writer(), ...more }) }),
        {
          f: async () => {
            running += 1;
            most = Math.max(most, running);
            starts.push(bench.clock.now());
            await bench.clock.sleep(millis);
            running -= 1;
            return null;
          },
        },
      );
      bench.bucket.add(...keys(count));
      await using used = bench;
      const end = await used.run({ limit: 2 });
      return { end, most, starts };
    };

    // https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html (read 2026-11-22)
    it('as many children at once as MaxConcurrency says, also as an expression', async () => {
      expect((await crowd({ MaxConcurrency: 4 }, 20, 10)).most).toBe(4);
      expect((await crowd({ MaxConcurrency: '{% $states.input.limit %}' }, 20, 10)).most).toBe(2);
    });

    // https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html (read 2026-11-22)
    it('at most 100 children in any second', async () => {
      const { starts, end } = await crowd({}, 350, 1);
      expect(starts).toHaveLength(350);
      for (const [index, start] of starts.entries()) {
        const hundredBefore = starts[index - 100];
        if (hundredBefore !== undefined) expect(start - hundredBefore).toBeGreaterThanOrEqual(999);
      }
      expect((end.stop_date ?? 0) - end.start_date).toBeLessThan(4_000);
    });
  });

  describe('with failures', () => {
    const run = async (more: object, bad: number, total: number) => {
      const map = distributed({ I: task('f') }, { MaxConcurrency: 1, ...more });
      const bench = new Bench(machine({ M: map }), { f: failOn(...keys(total).slice(0, bad)) });
      bench.bucket.add(...keys(total));
      await using used = bench;
      const end = await used.run();
      const mapRun = onlyMapRun(used, end.arn);
      return {
        end,
        mapRun,
        counts: used.engine.queries.mapRunCounts(mapRun),
        calls: used.functions.calls.length,
      };
    };

    // https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html (read 2026-11-22)
    it.each([
      { more: {}, bad: 1, total: 4, status: 'FAILED', why: 'none is tolerated unless it says so' },
      {
        more: { ToleratedFailurePercentage: 100 },
        bad: 4,
        total: 4,
        status: 'SUCCEEDED',
        why: '100 % tolerates all',
      },
      {
        more: { ToleratedFailurePercentage: 50 },
        bad: 2,
        total: 4,
        status: 'SUCCEEDED',
        why: '50 % tolerates half',
      },
      { more: { ToleratedFailurePercentage: 50 }, bad: 3, total: 4, status: 'FAILED', why: 'and not more' },
      {
        more: { ToleratedFailureCount: 2 },
        bad: 2,
        total: 9,
        status: 'SUCCEEDED',
        why: 'a count tolerates so many',
      },
      { more: { ToleratedFailureCount: 2 }, bad: 3, total: 9, status: 'FAILED', why: 'and not one more' },
      {
        more: { ToleratedFailureCount: 1, ToleratedFailurePercentage: 100 },
        bad: 2,
        total: 4,
        status: 'FAILED',
        why: 'of both, the one that is exceeded first counts',
      },
    ])('ends $status: $why ($bad of $total)', async ({ more, bad, total, status }) => {
      const { end, mapRun } = await run(more, bad, total);
      expect(end.status).toBe(status);
      expect(mapRun.status).toBe(status);
      if (status === 'FAILED') expect(end.error).toBe('States.ExceedToleratedFailureThreshold');
    });

    // https://docs.aws.amazon.com/step-functions/latest/apireference/API_MapRunItemCounts.html (read 2026-11-22)
    it('starts nothing more once there are too many', async () => {
      const { counts, calls } = await run({ ToleratedFailureCount: 1 }, 3, 10);
      expect(calls).toBe(2);
      expect(counts).toMatchObject({ failed: 2, pending: 8, total: 10, running: 0 });
    });

    // https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html#maprun-fail-threshold (read 2026-11-22)
    it('stops the children under way once there are too many', async () => {
      const bench: Bench = new Bench(machine({ M: distributed({ I: task('f') }) }), {
        f: async ({ key }: { key: string }) => {
          await bench.clock.sleep(key === 'orders/000000' ? 5 : 50_000);
          throw named('Mine');
        },
      });
      bench.bucket.add(...keys(3));
      await using used = bench;
      const end = await used.run();
      expect((end.stop_date ?? 0) - end.start_date).toBe(5);
      expect(used.engine.queries.mapRunCounts(onlyMapRun(used, end.arn))).toMatchObject({
        failed: 1,
        aborted: 2,
      });
    });
  });

  it('is aborted, with its children, when a sibling branch fails', async () => {
    const bench: Bench = new Bench(
      machine({
        P: {
          Type: 'Parallel',
          End: true,
          Branches: [
            { StartAt: 'M', States: { M: distributed({ I: { Type: 'Wait', Seconds: 9_999, End: true } }) } },
            { StartAt: 'T', States: { T: task('f') } },
          ],
        },
      }),
      {
        f: async () => {
          await bench.clock.sleep(10);
          throw named('Mine');
        },
      },
    );
    bench.bucket.add(...keys(2));
    await using used = bench;
    const end = await used.run();
    expect(end).toMatchObject({ status: 'FAILED', error: 'Mine' });
    expect(onlyMapRun(used, end.arn).status).toBe('ABORTED');
    expect(used.engine.queries.mapRunCounts(onlyMapRun(used, end.arn))).toMatchObject({
      aborted: 2,
      running: 0,
    });
    expect(used.events(end.arn)).toContain('MapRunAborted');
  });

  // https://docs.aws.amazon.com/step-functions/latest/dg/redrive-map-run.html (read 2026-11-22)
  it('is aborted, with its children, when the execution times out: they did not', async () => {
    const map = distributed({ I: { Type: 'Wait', Seconds: 9_999, End: true } }, { MaxConcurrency: 2 });
    await using bench = new Bench(machine({ M: map }, { TimeoutSeconds: 10 }));
    bench.bucket.add(...keys(3));
    const end = await bench.run();
    expect(end.status).toBe('TIMED_OUT');
    const mapRun = onlyMapRun(bench, end.arn);
    expect(mapRun.status).toBe('ABORTED');
    const counts = bench.engine.queries.mapRunCounts(mapRun);
    expect(counts).toMatchObject({ aborted: 2, timedOut: 0, pending: 1 });
    const children = bench.engine.queries.executions({ mapRunArn: mapRun.arn }, 9, 0);
    expect(children.map(({ arn, status }) => [status, bench.events(arn).at(-1)])).toEqual([
      ['ABORTED', 'ExecutionAborted'],
      ['ABORTED', 'ExecutionAborted'],
    ]);
  });

  it('leaves in the history of an aborted child no event of its siblings in the parent', async () => {
    const waiting = { Type: 'Wait', Seconds: 9_999, End: true };
    const child = { P: { Type: 'Parallel', End: true, Branches: [graph({ W: waiting })] } };
    const Branches = [
      graph({ M: distributed(child) }),
      graph({ T: { ...waiting, Seconds: 5, End: undefined, Next: 'F' }, F: { Type: 'Fail' } }),
    ];
    await using bench = new Bench(machine({ P0: { Type: 'Parallel', End: true, Branches } }));
    bench.bucket.add(...keys(1));
    const end = await bench.run();
    const [only] = bench.engine.queries.executions({ mapRunArn: onlyMapRun(bench, end.arn).arn }, 9, 0);
    expect(bench.events(only?.arn ?? '')).toEqual([
      'ExecutionStarted',
      'ParallelStateEntered',
      'ParallelStateStarted',
      'WaitStateEntered',
      'ExecutionAborted',
    ]);
  });

  // https://docs.aws.amazon.com/step-functions/latest/apireference/API_UpdateMapRun.html (read 2026-11-22)
  it('takes another concurrency and tolerance while it runs', async () => {
    let running = 0;
    let most = 0;
    const bench: Bench = new Bench(machine({ M: distributed({ I: task('f') }, { MaxConcurrency: 1 }) }), {
      f: async () => {
        running += 1;
        most = Math.max(most, running);
        const { arn } = bench.engine.queries.executions({}, 1, 0)[0] as { arn: string };
        if (running === 1)
          bench.engine.updateMapRun({
            arn: onlyMapRun(bench, arn).arn,
            maxConcurrency: 5,
            toleratedPercentage: 100,
          });
        await bench.clock.sleep(10);
        running -= 1;
        throw named('Mine');
      },
    });
    bench.bucket.add(...keys(20));
    await using used = bench;
    const end = await used.run();
    expect(end.status).toBe('SUCCEEDED');
    expect(most).toBe(5);
    expect(() => used.engine.updateMapRun({ arn: onlyMapRun(used, end.arn).arn, maxConcurrency: 1 })).toThrow(
      'Map Run is SUCCEEDED',
    );
  });

  // https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html (read 2026-11-22)
  it('starts a whole new Map Run when it is retried', async () => {
    let calls = 0;
    const map = distributed(
      { I: task('f') },
      { MaxConcurrency: 1, Retry: [{ ErrorEquals: ['States.ALL'], MaxAttempts: 1 }] },
    );
    await using bench = new Bench(machine({ M: map }), {
      f: () => {
        calls += 1;
        if (calls === 2) throw named('Mine');
        return calls;
      },
    });
    bench.bucket.add(...keys(3));
    const end = await bench.run();
    expect(end.output).toBe('[3,4,5]');
    expect(bench.engine.queries.mapRuns(end.arn, 10, 0).map(({ status }) => status)).toEqual([
      'SUCCEEDED',
      'FAILED',
    ]);
  });
});

// https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html (read 2026-11-22)
describe('a result writer', () => {
  const run = async (config: object | undefined, f: (order: never) => never | string | string[]) => {
    const map = distributed(
      { I: task('f') },
      { ToleratedFailurePercentage: 100, MaxConcurrency: 1, ResultWriter: writer(config) },
    );
    const bench = new Bench(machine({ M: map }), { f });
    bench.bucket.add(...keys(2));
    const end = await bench.run({}, 'run');
    await bench[Symbol.asyncDispose]();
    return { bench, end };
  };
  const failSecond = failOn('orders/000001');

  it('writes successes, failures and a manifest, whose place is the output of the map', async () => {
    const { bench, end } = await run(undefined, failSecond);
    const output = JSON.parse(end.output ?? '') as {
      MapRunArn: string;
      ResultWriterDetails: { Bucket: string; Key: string };
    };
    const folder = `runs/run/out/${output.MapRunArn.split(':').at(-1)}`;
    expect(output.ResultWriterDetails).toEqual({ Bucket: 'work', Key: `${folder}/manifest.json` });
    const manifest = JSON.parse(bench.bucket.puts.get(`work/${folder}/manifest.json`) ?? '') as JsonObject;
    expect(manifest).toMatchObject({
      DestinationBucket: 'work',
      MapRunArn: output.MapRunArn,
      ResultFiles: {
        SUCCEEDED: [{ Key: `${folder}/SUCCEEDED_0.json`, Size: expect.any(Number) }],
        FAILED: [{ Key: `${folder}/FAILED_0.json`, Size: expect.any(Number) }],
        PENDING: [],
      },
    });
    expect(bench.bucket.json('SUCCEEDED_0.json')).toMatchObject([
      {
        Status: 'SUCCEEDED',
        Input: '{"key":"orders/000000"}',
        Output: '"orders/000000"',
        StateMachineArn: expect.stringContaining('/Orders'),
      },
    ]);
    expect(bench.bucket.json('FAILED_0.json')).toMatchObject([
      { Status: 'FAILED', Error: 'Mine', Cause: expect.any(String), Input: '{"key":"orders/000001"}' },
    ]);
  });

  it.each([
    {
      config: { Transformation: 'COMPACT' },
      file: 'SUCCEEDED_0.json',
      body: '[["orders/000000"],["orders/000001"]]',
    },
    {
      config: { Transformation: 'FLATTEN' },
      file: 'SUCCEEDED_0.json',
      body: '["orders/000000","orders/000001"]',
    },
    {
      config: { Transformation: 'FLATTEN', OutputType: 'JSONL' },
      file: 'SUCCEEDED_0.jsonl',
      body: '"orders/000000"\n"orders/000001"\n',
    },
  ])('writes $config as $body', async ({ config, file, body }) => {
    const { bench } = await run(config, (order: { key: string }) => [order.key]);
    const key = [...bench.bucket.puts.keys()].find((each) => each.endsWith(file));
    expect(bench.bucket.puts.get(key ?? '')).toBe(body);
  });

  it('writes what failed and what never started also when the Map Run fails', async () => {
    await using bench = new Bench(
      machine({ M: distributed({ I: task('f') }, { MaxConcurrency: 1, ResultWriter: writer() }) }),
      { f: failOn('orders/000001') },
    );
    bench.bucket.add(...keys(3));
    expect(await bench.run()).toMatchObject({ status: 'FAILED' });
    expect(bench.bucket.json('FAILED_0.json')).toHaveLength(1);
    expect(bench.bucket.json('PENDING_0.json')).toMatchObject([{ Input: '{"key":"orders/000002"}' }]);
  });

  it('that may not write fails the map with States.ResultWriterFailed before any child starts', async () => {
    await using bench = new Bench(machine({ M: distributed({ I: task('f') }, { ResultWriter: writer() }) }), {
      f: failOn(),
    });
    bench.bucket.add(...keys(1)).failure = named('AccessDenied');
    expect(await bench.run()).toMatchObject({ status: 'FAILED', error: 'States.ResultWriterFailed' });
    expect(bench.functions.calls).toEqual([]);
  });

  it('reads only what its reader lists, a page at a time', async () => {
    const map = distributed(
      { I: { Type: 'Succeed', Output: 1 } },
      { ResultWriter: writer({ Transformation: 'COMPACT' }), ItemReader: reader('many/') },
    );
    await using bench = new Bench(machine({ M: map }));
    bench.bucket.add(...Array.from({ length: 250 }, (_, n) => `many/${n}`));
    const end = await bench.run();
    expect(bench.engine.queries.mapRunCounts(onlyMapRun(bench, end.arn))).toMatchObject({
      succeeded: 250,
      resultsWritten: 250,
    });
  });
});
