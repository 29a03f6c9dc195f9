import { describe, expect, it } from 'vitest';
import { distributed, graph, Harness, machine, named, task } from './support/harness.ts';

/** @see https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html (read 2026-11-22) */
const bytesIn256KiB = 262_144;

/** A string whose JSON has exactly this number of bytes in UTF-8. Each ü has two. */
const createText = (bytes: number) => `${'ü'.repeat(10)}${'x'.repeat(bytes - 22)}`;

/**
 * The output of `lambda:invoke` for a large response, without the response itself, as recorded on AWS. Trace ids have a
 * parent and a lineage since 2024.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html (read 2026-11-22)
 */
const recordedHeaders = {
  Connection: 'keep-alive',
  'Content-Length': '260000',
  'Content-Type': 'application/json',
  Date: 'Sun, 22 Nov 2026 00:00:00 GMT',
  'X-Amz-Executed-Version': '$LATEST',
  'x-amzn-Remapped-Content-Length': '0',
  'x-amzn-RequestId': '80e2c2c5-15d0-4b37-8d6b-7d1471b3d872',
  'X-Amzn-Trace-Id':
    'Root=1-69c286fb-2dd7a6f878a2d998384f62e5;Parent=2fe8f66445fc1e77;Sampled=0;Lineage=1:d0782663:0',
};
const recordedAnswer = {
  ExecutedVersion: '$LATEST',
  Payload: '',
  SdkHttpMetadata: {
    AllHttpHeaders: Object.fromEntries(
      Object.entries(recordedHeaders).map(([name, value]) => [name, [value]]),
    ),
    HttpHeaders: recordedHeaders,
    HttpStatusCode: 200,
  },
  SdkResponseMetadata: { RequestId: '80e2c2c5-15d0-4b37-8d6b-7d1471b3d872' },
  StatusCode: 200,
};

describe('a payload of 256 KiB', () => {
  it('an execution starts with 262,144 bytes of input in UTF-8, but not with one more', async () => {
    await using harness = new Harness(machine({ A: { Type: 'Succeed' } }));
    expect(await harness.run(createText(bytesIn256KiB))).toMatchObject({ status: 'SUCCEEDED' });
    expect(() =>
      harness.engine.startExecution({ input: JSON.stringify(createText(bytesIn256KiB + 1)) }),
    ).toThrow(expect.objectContaining({ name: 'InvalidExecutionInput' }));
  });

  it.each([
    { bytes: bytesIn256KiB, status: 'SUCCEEDED', error: null },
    { bytes: bytesIn256KiB + 1, status: 'FAILED', error: 'States.DataLimitExceeded' },
  ])('a state that returns $bytes bytes ends $status', async ({ bytes, status, error }) => {
    await using harness = new Harness(
      machine({
        A: {
          Type: 'Pass',
          End: true,
          Output: '{% $pad("", $states.input.n, "x") & $states.input.completion %}',
        },
      }),
    );
    const end = await harness.run({ n: bytes - 2 - 4, completion: 'üü' });
    expect(end).toMatchObject({ status, error });
  });

  it.each([
    { more: 0, status: 'SUCCEEDED', error: null },
    { more: 1, status: 'FAILED', error: 'States.DataLimitExceeded' },
  ])('a Lambda result ends $status with $more bytes above the limit, counting its metadata', async (row) => {
    const metadata = Buffer.byteLength(JSON.stringify(recordedAnswer)) - Buffer.byteLength('""');
    const payload = createText(bytesIn256KiB - metadata + row.more);
    await using harness = new Harness(machine({ A: task('f', { Output: 'small' }) }), { f: () => payload });
    const end = await harness.run();
    expect(end).toMatchObject({ status: row.status, error: row.error });
    if (row.error !== null) return;
    const [event] = harness.details(end.arn, 'TaskSucceeded');
    expect(Buffer.byteLength(String(event?.['output']))).toBe(bytesIn256KiB);
  });

  /** An expression whose value has this number of bytes as JSON, minus the bytes around it. */
  const filling = (bytes: number, around = '') => `{% $pad("", ${bytes - around.length - 2}, "x") %}`;
  const small = { Type: 'Succeed', Output: 1 };
  const failing = { Type: 'Fail', Error: 'Mine' };
  const caught = (Output: string) => ({
    P: {
      Type: 'Parallel',
      Next: 'Z',
      Branches: [graph({ F: failing })],
      Catch: [{ ErrorEquals: ['Mine'], Next: 'Z', Output }],
    },
    Z: { Type: 'Succeed', Output: 'ok' },
  });
  const bounded = [
    {
      what: 'the arguments of a task',
      states: (bytes: number) => {
        const Payload = filling(bytes, '{"FunctionName":"f","Payload":}');
        return { T: task('f', { Arguments: { FunctionName: 'f', Payload } }) };
      },
    },
    {
      what: 'the variables that a state assigns',
      states: (bytes: number) => ({
        A: { Type: 'Pass', End: true, Assign: { v: filling(bytes, '{"v":}') } },
      }),
    },
    {
      what: 'the input of an iteration',
      states: (bytes: number) => ({
        M: {
          Type: 'Map',
          End: true,
          Items: [1],
          ItemSelector: filling(bytes),
          ItemProcessor: graph({ I: small }),
        },
      }),
    },
    {
      what: 'the input of a child execution',
      states: (bytes: number) => ({ M: distributed({ I: small }, { ItemSelector: filling(bytes) }) }),
    },
    { what: 'the output of a catcher', states: (bytes: number) => caught(filling(bytes)) },
  ];

  it.each(
    bounded.flatMap((row) => [
      { ...row, bytes: bytesIn256KiB, status: 'SUCCEEDED', error: null },
      { ...row, bytes: bytesIn256KiB + 1, status: 'FAILED', error: 'States.DataLimitExceeded' },
    ]),
  )(
    'the limit of 256 KiB applies to $what: $bytes bytes end $status',
    async ({ states, bytes, status, error }) => {
      await using harness = new Harness(machine(states(bytes)), { f: () => 1 });
      harness.bucket.add('orders/a');
      expect(await harness.run()).toMatchObject({ status, error });
      expect(harness.functions.calls.length).toBe(bytes === bytesIn256KiB && 'T' in states(bytes) ? 1 : 0);
    },
  );

  it('States.DataLimitExceeded is caught by its own name, not by States.ALL', async () => {
    const catcher = (name: string) => task('f', { Catch: [{ ErrorEquals: [name], Next: 'B' }] });
    const f = () => 'x'.repeat(bytesIn256KiB);
    await using all = new Harness(machine({ A: catcher('States.ALL'), B: { Type: 'Succeed' } }), { f });
    expect(await all.run()).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
    await using own = new Harness(
      machine({ A: catcher('States.DataLimitExceeded'), B: { Type: 'Succeed', Output: 'ok' } }),
      { f },
    );
    expect(await own.run()).toMatchObject({ status: 'SUCCEEDED' });
  });

  const filler = (bytes: number) => ({ Type: 'Pass', End: true, Output: `{% $pad("", ${bytes}, "x") %}` });
  /** Sizes of two strings in a JSON array, which has 7 bytes around them. */
  const halves = (bytes: number) => [131_072, bytes - 131_072 - 7] as const;

  it.each([
    { bytes: bytesIn256KiB, status: 'SUCCEEDED', error: null },
    { bytes: bytesIn256KiB + 1, status: 'FAILED', error: 'States.DataLimitExceeded' },
  ])(
    'the limit of 256 KiB applies to the outputs of all iterations together: $bytes bytes end $status',
    async (row) => {
      const I = { Type: 'Pass', End: true, Output: '{% $pad("", $states.input, "x") %}' };
      const map = { Type: 'Map', End: true, Output: 'small', ItemProcessor: graph({ I }) };
      await using harness = new Harness(machine({ M: { ...map, Items: halves(row.bytes) } }));
      expect(await harness.run()).toMatchObject({ status: row.status, error: row.error });
    },
  );

  it.each([
    { bytes: bytesIn256KiB, status: 'SUCCEEDED', error: null },
    { bytes: bytesIn256KiB + 1, status: 'FAILED', error: 'States.DataLimitExceeded' },
  ])(
    'the limit of 256 KiB applies to the outputs of all branches together: $bytes bytes end $status',
    async (row) => {
      const [first, second] = halves(row.bytes);
      const Branches = [graph({ A: filler(first) }), graph({ B: filler(second) })];
      await using harness = new Harness(
        machine({ P: { Type: 'Parallel', End: true, Output: 'small', Branches } }),
      );
      const end = await harness.run();
      expect(end).toMatchObject({ status: row.status, error: row.error });
      expect(harness.events(end.arn)).toContain(row.error ? 'ParallelStateFailed' : 'ParallelStateSucceeded');
    },
  );

  it.each([
    { bytes: bytesIn256KiB, status: 'SUCCEEDED', error: null },
    { bytes: bytesIn256KiB + 1, status: 'FAILED', error: 'States.DataLimitExceeded' },
  ])(
    'the limit of 256 KiB applies to the outputs of all children without a ResultWriter: $bytes bytes end $status',
    async (row) => {
      const I = { Type: 'Pass', End: true, Output: '{% $pad("", $states.input, "x") %}' };
      const map = distributed({ I }, { Output: 'small', Items: halves(row.bytes), ItemSelector: undefined });
      await using harness = new Harness(machine({ M: map }));
      expect(await harness.run()).toMatchObject({ status: row.status, error: row.error });
    },
  );
});

// https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html (read 2026-11-22)
describe('variables', () => {
  /** 40 simultaneous iterations with 256 KiB each have exactly 10 MiB. */
  const full = {
    Type: 'Map',
    End: true,
    Items: '{% [1..$states.input.iterations] %}',
    ItemProcessor: graph({
      I: {
        Type: 'Pass',
        Next: 'W',
        Assign: { v: `{% $pad("", ${bytesIn256KiB - '{"v":""}'.length}, "x") %}` },
      },
      W: { Type: 'Wait', Seconds: 1, Next: 'S' },
      S: { Type: 'Succeed', Output: 1 },
    }),
  };

  it.each([
    { n: 40, outer: {}, status: 'SUCCEEDED', error: null, why: 'all scopes together have exactly 10 MiB' },
    {
      n: 40,
      outer: { o: 1 },
      status: 'FAILED',
      error: 'States.DataLimitExceeded',
      why: 'one more variable in the outer scope is too much',
    },
    { n: 90, outer: {}, status: 'SUCCEEDED', error: null, why: 'an iteration that has ended does not count' },
  ])('variables may have 10 MiB in the whole execution: $why', async ({ n, outer, status, error }) => {
    await using harness = new Harness(machine({ A: { Type: 'Pass', Next: 'M', Assign: outer }, M: full }));
    expect(await harness.run({ iterations: n })).toMatchObject({ status, error });
  });

  it('variables of an iteration that a redrive continues count together with those of the others', async () => {
    let broken = true;
    const assign = { Type: 'Pass', Next: 'T', Assign: { v: '{% $pad("", 262136, "x") %}' } };
    const again = { Type: 'Pass', End: true, Assign: { w: 1 } };
    const I = { A: assign, T: task('f', { Next: 'B' }), B: again };
    const map = { Type: 'Map', End: true, Items: '{% [1..40] %}', ItemProcessor: graph(I) };
    await using harness = new Harness(machine({ M: map }), {
      f: async () => {
        await harness.clock.sleep(1_000);
        if (broken) throw named('Mine');
        return 1;
      },
    });
    const { arn, error } = await harness.run();
    expect(error).toBe('Mine');
    broken = false;
    expect(await harness.redrive(arn)).toMatchObject({ error: 'States.DataLimitExceeded' });
  });
});

describe('a history of 25,000 events', () => {
  const loop = machine({
    Start: { Type: 'Pass', Next: 'Again?', Assign: { n: 0, rounds: '{% $states.input.rounds %}' } },
    'Again?': { Type: 'Choice', Choices: [{ Condition: '{% $n < $rounds %}', Next: 'Add' }], Default: 'End' },
    Add: { Type: 'Pass', Next: 'Again?', Assign: { n: '{% $n + 1 %}' } },
    End: { Type: 'Pass', End: true },
  });
  /** ExecutionStarted, Start (2), the last Choice (2), End (2), ExecutionSucceeded; a Choice and a Pass (4) each round. */
  const events = (rounds: number) => 1 + 2 + 2 + 2 + 1 + 4 * rounds;

  /** A harness whose executions start with this number of events. */
  const begun = (count: number) => {
    const harness = new Harness(loop);
    harness.engine.machine.store.events.count = () => count;
    return harness;
  };

  it('an execution succeeds when its success is event 25,000', async () => {
    await using harness = begun(25_000 - events(3));
    const end = await harness.run({ rounds: 3 });
    expect(end).toMatchObject({ status: 'SUCCEEDED', event_count: 25_000 });
  });

  it('an execution fails, despite its catchers, when event 25,000 would not be its end', async () => {
    await using harness = begun(25_000 - events(3) + 1);
    const end = await harness.run({ rounds: 3 });
    const cause = 'The execution reached the maximum number of history events (25000).';
    expect(end).toMatchObject({ status: 'FAILED', cause, event_count: 25_000 });
    expect(harness.events(end.arn).at(-1)).toBe('ExecutionFailed');
    await expect(harness.redrive(end.arn)).rejects.toMatchObject({ name: 'ExecutionNotRedrivable' });
  });

  const wide = {
    Type: 'Map',
    End: true,
    Items: [1],
    ItemProcessor: graph({ I: { Type: 'Pass', End: true } }),
  };
  it.each([
    { last: 'MapStateStarted', fits: 3, M: distributed({ I: { Type: 'Succeed' } }) },
    { last: 'PassStateExited', fits: 6, M: wide },
    { last: 'MapIterationStarted', fits: 4, M: wide },
  ])('a full history keeps every event up to $last, without missing ids', async ({ last, fits, M }) => {
    await using harness = new Harness(machine({ M }));
    harness.bucket.add('orders/a');
    harness.engine.machine.store.events.count = () => 24_999 - fits;
    const end = await harness.run();
    const history = harness.engine.queries.history(end.arn);
    const ids = Array.from({ length: fits + 1 }, (_, n) => 24_999 - fits + 1 + n);
    expect(history.map(({ id }) => id)).toEqual(ids);
    expect(history.slice(-2)).toMatchObject([
      { id: 24_999, type: last },
      { id: 25_000, type: 'ExecutionFailed', previous_id: 24_999 },
    ]);
    expect(harness.engine.queries.mapRuns(end.arn, 1, 0)).toEqual([]);
  });

  it('when one iteration fills the history, the children of the others end before the execution', async () => {
    const wait = (Seconds: number) => ({ Type: 'Wait', Seconds, End: true });
    const inner = {
      C: { Type: 'Choice', Choices: [{ Condition: '{% $states.input = 0 %}', Next: 'M' }], Default: 'S' },
      M: distributed({ P: { Type: 'Parallel', End: true, Branches: [graph({ W: wait(60) })] } }),
      S: { ...wait(9), End: undefined, Next: 'T' },
      T: { Type: 'Pass', End: true },
    };
    const outer = { Type: 'Map', End: true, Items: [0, 1], ItemProcessor: graph(inner) };
    await using harness = new Harness(machine({ Outer: outer }));
    harness.bucket.add('orders/a');
    // ExecutionStarted, the outer map (2), two iterations and choices (6), the inner map (3), the Wait (2)
    harness.engine.machine.store.events.count = (id) => (id === 1 ? 24_999 - 14 : 0);
    const end = await harness.run();
    expect(end).toMatchObject({ status: 'FAILED', event_count: 25_000 });
    expect(harness.events(end.arn).at(-2)).toBe('WaitStateExited');
    const [mapRun] = harness.engine.queries.mapRuns(end.arn, 1, 0);
    expect(mapRun).toMatchObject({ status: 'ABORTED' });
    const children = harness.engine.queries.executions({ mapRunArn: mapRun?.arn }, 9, 0);
    expect(children).toMatchObject([{ status: 'ABORTED' }]);
  });

  it('an execution can be redriven with 24,998 events, but not with 24,999', async () => {
    const failing = machine({ F: { Type: 'Fail' } });
    for (const [count, redrivable] of [
      [24_995, true],
      [24_996, false],
    ] as const) {
      await using harness = new Harness(failing);
      harness.engine.machine.store.events.count = () => count;
      const end = await harness.run();
      expect(end.event_count).toBe(count + 3);
      expect(harness.engine.queries.findRedriveObstacle(end) === undefined).toBe(redrivable);
    }
  });
});
