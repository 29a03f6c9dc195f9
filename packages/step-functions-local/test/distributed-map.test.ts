import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../src/json.ts';
import { distributed, graph, Harness, machine, named, reader, task } from './support/harness.ts';

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
const onlyMapRun = (harness: Harness, arn: string) => {
  const [mapRun] = harness.engine.queries.mapRuns(arn, 10, 0);
  if (!mapRun) throw new Error('no map run');
  return mapRun;
};

// https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html (read 2026-11-22)
describe('a distributed map', () => {
  it('a Distributed Map starts one child execution per object that its reader lists', async () => {
    await using harness = new Harness(machine({ M: distributed({ I: task('f') }) }), { f: failOn() });
    harness.bucket.add('orders/a', 'orders/b', 'elsewhere/c');
    const end = await harness.run();
    expect(end.output).toBe('["orders/a","orders/b"]');
    // The order and predecessors of events as recorded from AWS: https://github.com/localstack/localstack/blob/master/tests/aws/services/stepfunctions/v2/scenarios/test_base_scenarios.snapshot.json
    const history = harness.engine.queries
      .history(end.arn)
      .map(({ type, previous_id }) => [type, previous_id]);
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
  it('a child execution is named after the machine, the label and a unique id, and has its own history', async () => {
    await using harness = new Harness(machine({ M: distributed({ I: task('f') }) }), { f: failOn() });
    harness.bucket.add('orders/a');
    const end = await harness.run();
    const mapRun = onlyMapRun(harness, end.arn);
    const [child] = harness.engine.queries.executions({ mapRunArn: mapRun.arn }, 10, 0);
    expect(mapRun.arn).toMatch(
      /^arn:aws:states:us-east-1:000000000000:mapRun:machine\/Orders:[0-9a-f-]{36}$/,
    );
    expect(child?.arn).toMatch(
      /^arn:aws:states:us-east-1:000000000000:execution:machine\/Orders:[0-9a-f-]{36}$/,
    );
    expect(child?.state_machine_arn).toBe(
      'arn:aws:states:us-east-1:000000000000:stateMachine:machine/Orders',
    );
    expect(harness.events(child?.arn ?? '')).toEqual([
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
  it('a child execution sees only what ItemSelector passes to it', async () => {
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
    await using harness = new Harness(machine(states));
    harness.bucket.add('orders/a');
    const input = { key: 'orders/a', given: 's', parent: 'run', source: 'S3://work' };
    expect(JSON.parse((await harness.run({ all: 1 }, 'run')).output ?? '')).toEqual([
      { input, secret: false, item: false },
    ]);
  });

  // https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html (read 2026-11-22)
  it('the context object of a child execution has the id, name, start time, input and machine of the child', async () => {
    const output = '{% $merge([$states.context.Execution, {"machine": $states.context.StateMachine.Id}]) %}';
    const states = {
      W: { Type: 'Wait', Seconds: 60, Next: 'M' },
      M: distributed({ I: { Type: 'Succeed', Output: output } }),
    };
    await using harness = new Harness(machine(states));
    harness.bucket.add('orders/a');
    const end = await harness.run({ all: 1 }, 'run');
    const [child] = harness.engine.queries.executions({ mapRunArn: onlyMapRun(harness, end.arn).arn }, 9, 0);
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
  it('without ItemSelector a child execution gets the object as listObjectsV2 returns it', async () => {
    const { ItemSelector: _, ...map } = distributed({ I: { Type: 'Succeed' } }) as { ItemSelector?: object };
    await using harness = new Harness(machine({ M: map }));
    harness.bucket.add('orders/a');
    expect(JSON.parse((await harness.run()).output ?? '')).toEqual([
      { Etag: '"e"', Key: 'orders/a', LastModified: 1, Size: 1, StorageClass: 'STANDARD' },
    ]);
  });

  // https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html (read 2026-11-22)
  it('a Distributed Map can iterate over items of its state', async () => {
    const {
      ItemReader: _,
      ItemSelector: __,
      ...map
    } = distributed({ I: { Type: 'Succeed' } }, { Items: '{% [1..3] %}' }) as {
      ItemReader?: object;
      ItemSelector?: object;
    };
    await using harness = new Harness(machine({ M: map }));
    const end = await harness.run();
    expect(end.output).toBe('[1,2,3]');
    expect(harness.details(end.arn, 'MapStateStarted')).toEqual([{ length: 3 }]);
  });

  it('the children of a Distributed Map can run inline maps', async () => {
    const inner = {
      Type: 'Map',
      End: true,
      Items: '{% [1..4] %}',
      MaxConcurrency: 2,
      ItemProcessor: { StartAt: 'P', States: { P: task('part') } },
    };
    await using harness = new Harness(machine({ M: distributed({ I: inner }) }), {
      part: (n: number) => n * n,
    });
    harness.bucket.add('orders/a', 'orders/b');
    expect((await harness.run()).output).toBe('[[1,4,9,16],[1,4,9,16]]');
  });

  it('a Distributed Map succeeds at once when its reader lists nothing', async () => {
    await using harness = new Harness(machine({ M: distributed({ I: task('f') }) }));
    expect(await harness.run()).toMatchObject({ status: 'SUCCEEDED', output: '[]' });
  });

  // https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html (read 2026-11-22)
  it('a Distributed Map fails with States.ItemReaderFailed when the bucket cannot be listed', async () => {
    await using harness = new Harness(machine({ M: distributed({ I: task('f') }) }));
    harness.bucket.failure = named('AccessDenied', 'Access Denied');
    const end = await harness.run();
    expect(end).toMatchObject({
      status: 'FAILED',
      error: 'States.ItemReaderFailed',
      cause: 'Cannot list s3://work/orders/. AccessDenied: Access Denied',
    });
    expect(harness.events(end.arn).slice(-4)).toEqual([
      'MapRunStarted',
      'MapRunFailed',
      'MapStateFailed',
      'ExecutionFailed',
    ]);
  });

  describe('the dispatch of children', () => {
    const crowd = async (more: object, count: number, millis: number) => {
      let running = 0;
      let most = 0;
      const starts: number[] = [];
      const harness: Harness = new Harness(
        machine({ M: distributed({ I: task('f', { Output: null }) }, { ResultWriter: writer(), ...more }) }),
        {
          f: async () => {
            running += 1;
            most = Math.max(most, running);
            starts.push(harness.clock.now());
            await harness.clock.sleep(millis);
            running -= 1;
            return null;
          },
        },
      );
      harness.bucket.add(...keys(count));
      await using used = harness;
      const end = await used.run({ limit: 2 });
      return { end, most, starts };
    };

    // https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html (read 2026-11-22)
    it('a Distributed Map runs at most MaxConcurrency children at the same time, also when that is an expression', async () => {
      expect((await crowd({ MaxConcurrency: 4 }, 20, 10)).most).toBe(4);
      expect((await crowd({ MaxConcurrency: '{% $states.input.limit %}' }, 20, 10)).most).toBe(2);
    });

    // https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html (read 2026-11-22)
    it('a Distributed Map starts at most 100 children per second', async () => {
      const { starts, end } = await crowd({}, 350, 1);
      expect(starts).toHaveLength(350);
      for (const [index, start] of starts.entries()) {
        const hundredBefore = starts[index - 100];
        if (hundredBefore !== undefined) expect(start - hundredBefore).toBeGreaterThanOrEqual(999);
      }
      expect((end.stop_date ?? 0) - end.start_date).toBeLessThan(4_000);
    });
  });

  describe('a Map Run with failures', () => {
    const run = async (more: object, bad: number, total: number) => {
      const map = distributed({ I: task('f') }, { MaxConcurrency: 1, ...more });
      const harness = new Harness(machine({ M: map }), { f: failOn(...keys(total).slice(0, bad)) });
      harness.bucket.add(...keys(total));
      await using used = harness;
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
      { more: {}, bad: 1, total: 4, status: 'FAILED', why: 'by default no failure is tolerated' },
      {
        more: { ToleratedFailurePercentage: 100 },
        bad: 4,
        total: 4,
        status: 'SUCCEEDED',
        why: '100 % tolerates all failures',
      },
      {
        more: { ToleratedFailurePercentage: 50 },
        bad: 2,
        total: 4,
        status: 'SUCCEEDED',
        why: '50 % tolerates half of the items',
      },
      {
        more: { ToleratedFailurePercentage: 50 },
        bad: 3,
        total: 4,
        status: 'FAILED',
        why: '50 % does not tolerate more than half',
      },
      {
        more: { ToleratedFailureCount: 2 },
        bad: 2,
        total: 9,
        status: 'SUCCEEDED',
        why: 'a count of 2 tolerates 2 failures',
      },
      {
        more: { ToleratedFailureCount: 2 },
        bad: 3,
        total: 9,
        status: 'FAILED',
        why: 'a count of 2 does not tolerate 3 failures',
      },
      {
        more: { ToleratedFailureCount: 1, ToleratedFailurePercentage: 100 },
        bad: 2,
        total: 4,
        status: 'FAILED',
        why: 'with both thresholds, one exceeded is enough',
      },
    ])('a Map Run with $bad failures of $total ends $status: $why', async ({ more, bad, total, status }) => {
      const { end, mapRun } = await run(more, bad, total);
      expect(end.status).toBe(status);
      expect(mapRun.status).toBe(status);
      if (status === 'FAILED') expect(end.error).toBe('States.ExceedToleratedFailureThreshold');
    });

    // https://docs.aws.amazon.com/step-functions/latest/apireference/API_MapRunItemCounts.html (read 2026-11-22)
    it('a Map Run starts no more children when its failures exceed the threshold', async () => {
      const { counts, calls } = await run({ ToleratedFailureCount: 1 }, 3, 10);
      expect(calls).toBe(2);
      expect(counts).toMatchObject({ failed: 2, pending: 8, total: 10, running: 0 });
    });

    // https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html#maprun-fail-threshold (read 2026-11-22)
    it('a Map Run stops its running children when its failures exceed the threshold', async () => {
      const harness: Harness = new Harness(machine({ M: distributed({ I: task('f') }) }), {
        f: async ({ key }: { key: string }) => {
          await harness.clock.sleep(key === 'orders/000000' ? 5 : 50_000);
          throw named('Mine');
        },
      });
      harness.bucket.add(...keys(3));
      await using used = harness;
      const end = await used.run();
      expect((end.stop_date ?? 0) - end.start_date).toBe(5);
      expect(used.engine.queries.mapRunCounts(onlyMapRun(used, end.arn))).toMatchObject({
        failed: 1,
        aborted: 2,
      });
    });
  });

  it('a Map Run and its children are aborted when a sibling branch fails', async () => {
    const harness: Harness = new Harness(
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
          await harness.clock.sleep(10);
          throw named('Mine');
        },
      },
    );
    harness.bucket.add(...keys(2));
    await using used = harness;
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
  it('when an execution times out, its Map Run and the children are ABORTED, not TIMED_OUT', async () => {
    const map = distributed({ I: { Type: 'Wait', Seconds: 9_999, End: true } }, { MaxConcurrency: 2 });
    await using harness = new Harness(machine({ M: map }, { TimeoutSeconds: 10 }));
    harness.bucket.add(...keys(3));
    const end = await harness.run();
    expect(end.status).toBe('TIMED_OUT');
    const mapRun = onlyMapRun(harness, end.arn);
    expect(mapRun.status).toBe('ABORTED');
    const counts = harness.engine.queries.mapRunCounts(mapRun);
    expect(counts).toMatchObject({ aborted: 2, timedOut: 0, pending: 1 });
    const children = harness.engine.queries.executions({ mapRunArn: mapRun.arn }, 9, 0);
    expect(children.map(({ arn, status }) => [status, harness.events(arn).at(-1)])).toEqual([
      ['ABORTED', 'ExecutionAborted'],
      ['ABORTED', 'ExecutionAborted'],
    ]);
  });

  it('the history of an aborted child has no events about siblings in its parent', async () => {
    const waiting = { Type: 'Wait', Seconds: 9_999, End: true };
    const child = { P: { Type: 'Parallel', End: true, Branches: [graph({ W: waiting })] } };
    const Branches = [
      graph({ M: distributed(child) }),
      graph({ T: { ...waiting, Seconds: 5, End: undefined, Next: 'F' }, F: { Type: 'Fail' } }),
    ];
    await using harness = new Harness(machine({ P0: { Type: 'Parallel', End: true, Branches } }));
    harness.bucket.add(...keys(1));
    const end = await harness.run();
    const [only] = harness.engine.queries.executions({ mapRunArn: onlyMapRun(harness, end.arn).arn }, 9, 0);
    expect(harness.events(only?.arn ?? '')).toEqual([
      'ExecutionStarted',
      'ParallelStateEntered',
      'ParallelStateStarted',
      'WaitStateEntered',
      'ExecutionAborted',
    ]);
  });

  // https://docs.aws.amazon.com/step-functions/latest/apireference/API_UpdateMapRun.html (read 2026-11-22)
  it('UpdateMapRun changes the concurrency and the threshold of a running Map Run', async () => {
    let running = 0;
    let most = 0;
    const harness: Harness = new Harness(
      machine({ M: distributed({ I: task('f') }, { MaxConcurrency: 1 }) }),
      {
        f: async () => {
          running += 1;
          most = Math.max(most, running);
          const { arn } = harness.engine.queries.executions({}, 1, 0)[0] as { arn: string };
          if (running === 1)
            harness.engine.updateMapRun({
              arn: onlyMapRun(harness, arn).arn,
              maxConcurrency: 5,
              toleratedPercentage: 100,
            });
          await harness.clock.sleep(10);
          running -= 1;
          throw named('Mine');
        },
      },
    );
    harness.bucket.add(...keys(20));
    await using used = harness;
    const end = await used.run();
    expect(end.status).toBe('SUCCEEDED');
    expect(most).toBe(5);
    expect(() => used.engine.updateMapRun({ arn: onlyMapRun(used, end.arn).arn, maxConcurrency: 1 })).toThrow(
      'Map Run is SUCCEEDED',
    );
  });

  // https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html (read 2026-11-22)
  it('a retry of a Distributed Map starts a new Map Run', async () => {
    let calls = 0;
    const map = distributed(
      { I: task('f') },
      { MaxConcurrency: 1, Retry: [{ ErrorEquals: ['States.ALL'], MaxAttempts: 1 }] },
    );
    await using harness = new Harness(machine({ M: map }), {
      f: () => {
        calls += 1;
        if (calls === 2) throw named('Mine');
        return calls;
      },
    });
    harness.bucket.add(...keys(3));
    const end = await harness.run();
    expect(end.output).toBe('[3,4,5]');
    expect(harness.engine.queries.mapRuns(end.arn, 10, 0).map(({ status }) => status)).toEqual([
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
    const harness = new Harness(machine({ M: map }), { f });
    harness.bucket.add(...keys(2));
    const end = await harness.run({}, 'run');
    await harness[Symbol.asyncDispose]();
    return { harness, end };
  };
  const failSecond = failOn('orders/000001');

  it('a ResultWriter writes successes, failures and a manifest, and the map returns the location of the manifest', async () => {
    const { harness, end } = await run(undefined, failSecond);
    const output = JSON.parse(end.output ?? '') as {
      MapRunArn: string;
      ResultWriterDetails: { Bucket: string; Key: string };
    };
    const folder = `runs/run/out/${output.MapRunArn.split(':').at(-1)}`;
    expect(output.ResultWriterDetails).toEqual({ Bucket: 'work', Key: `${folder}/manifest.json` });
    const manifest = JSON.parse(harness.bucket.puts.get(`work/${folder}/manifest.json`) ?? '') as JsonObject;
    expect(manifest).toMatchObject({
      DestinationBucket: 'work',
      MapRunArn: output.MapRunArn,
      ResultFiles: {
        SUCCEEDED: [{ Key: `${folder}/SUCCEEDED_0.json`, Size: expect.any(Number) }],
        FAILED: [{ Key: `${folder}/FAILED_0.json`, Size: expect.any(Number) }],
        PENDING: [],
      },
    });
    expect(harness.bucket.json('SUCCEEDED_0.json')).toMatchObject([
      {
        Status: 'SUCCEEDED',
        Input: '{"key":"orders/000000"}',
        Output: '"orders/000000"',
        StateMachineArn: expect.stringContaining('/Orders'),
      },
    ]);
    expect(harness.bucket.json('FAILED_0.json')).toMatchObject([
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
  ])('a ResultWriter with $config writes $body', async ({ config, file, body }) => {
    const { harness } = await run(config, (order: { key: string }) => [order.key]);
    const key = [...harness.bucket.puts.keys()].find((each) => each.endsWith(file));
    expect(harness.bucket.puts.get(key ?? '')).toBe(body);
  });

  it('a ResultWriter writes failed and pending items also when the Map Run fails', async () => {
    await using harness = new Harness(
      machine({ M: distributed({ I: task('f') }, { MaxConcurrency: 1, ResultWriter: writer() }) }),
      { f: failOn('orders/000001') },
    );
    harness.bucket.add(...keys(3));
    expect(await harness.run()).toMatchObject({ status: 'FAILED' });
    expect(harness.bucket.json('FAILED_0.json')).toHaveLength(1);
    expect(harness.bucket.json('PENDING_0.json')).toMatchObject([{ Input: '{"key":"orders/000002"}' }]);
  });

  it('a ResultWriter that cannot write fails the map with States.ResultWriterFailed before any child starts', async () => {
    await using harness = new Harness(
      machine({ M: distributed({ I: task('f') }, { ResultWriter: writer() }) }),
      {
        f: failOn(),
      },
    );
    harness.bucket.add(...keys(1)).failure = named('AccessDenied');
    expect(await harness.run()).toMatchObject({ status: 'FAILED', error: 'States.ResultWriterFailed' });
    expect(harness.functions.calls).toEqual([]);
  });

  it('a Distributed Map reads all pages of its prefix, and nothing else', async () => {
    const map = distributed(
      { I: { Type: 'Succeed', Output: 1 } },
      { ResultWriter: writer({ Transformation: 'COMPACT' }), ItemReader: reader('many/') },
    );
    await using harness = new Harness(machine({ M: map }));
    harness.bucket.add(...Array.from({ length: 250 }, (_, n) => `many/${n}`));
    const end = await harness.run();
    expect(harness.engine.queries.mapRunCounts(onlyMapRun(harness, end.arn))).toMatchObject({
      succeeded: 250,
      resultsWritten: 250,
    });
  });
});
