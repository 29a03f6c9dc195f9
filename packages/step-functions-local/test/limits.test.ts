import { describe, expect, it } from 'vitest';
import { Bench, distributed, graph, machine, named, task } from './support/harness.ts';

/** @see https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html (read 2026-11-22) */
const KIB_256 = 262_144;

/** A string whose JSON has exactly so many bytes of UTF-8; each ü is two. */
const textOf = (bytes: number) => `${'ü'.repeat(10)}${'x'.repeat(bytes - 22)}`;

/**
 * What `lambda:invoke` gives for a large answer, without the answer, in the form of outputs recorded on AWS; the trace
 * has a parent and a lineage since 2024.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html (read 2026-11-22)
 */
const HEADERS = {
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
const RECORDED_ANSWER = {
  ExecutedVersion: '$LATEST',
  Payload: '',
  SdkHttpMetadata: {
    AllHttpHeaders: Object.fromEntries(Object.entries(HEADERS).map(([name, value]) => [name, [value]])),
    HttpHeaders: HEADERS,
    HttpStatusCode: 200,
  },
  SdkResponseMetadata: { RequestId: '80e2c2c5-15d0-4b37-8d6b-7d1471b3d872' },
  StatusCode: 200,
};

describe('a payload of 256 KiB', () => {
  it('starts an execution at 262,144 bytes of UTF-8, and not with one more', async () => {
    await using bench = new Bench(machine({ A: { Type: 'Succeed' } }));
    expect(await bench.run(textOf(KIB_256))).toMatchObject({ status: 'SUCCEEDED' });
    expect(() => bench.engine.startExecution({ input: JSON.stringify(textOf(KIB_256 + 1)) })).toThrow(
      expect.objectContaining({ name: 'InvalidExecutionInput' }),
    );
  });

  it.each([
    { bytes: KIB_256, status: 'SUCCEEDED', error: null },
    { bytes: KIB_256 + 1, status: 'FAILED', error: 'States.DataLimitExceeded' },
  ])('is the most that a state may give out: $bytes bytes end $status', async ({ bytes, status, error }) => {
    await using bench = new Bench(
      machine({
        A: { Type: 'Pass', End: true, Output: '{% $pad("", $states.input.n, "x") & $states.input.tail %}' },
      }),
    );
    const end = await bench.run({ n: bytes - 2 - 4, tail: 'üü' });
    expect(end).toMatchObject({ status, error });
  });

  it.each([
    { more: 0, status: 'SUCCEEDED', error: null },
    { more: 1, status: 'FAILED', error: 'States.DataLimitExceeded' },
  ])('counts every byte of what a Lambda answers, its metadata too: $more more end $status', async (row) => {
    const metadata = Buffer.byteLength(JSON.stringify(RECORDED_ANSWER)) - Buffer.byteLength('""');
    const payload = textOf(KIB_256 - metadata + row.more);
    await using bench = new Bench(machine({ A: task('f', { Output: 'small' }) }), { f: () => payload });
    const end = await bench.run();
    expect(end).toMatchObject({ status: row.status, error: row.error });
    if (row.error !== null) return;
    const [event] = bench.details(end.arn, 'TaskSucceeded');
    expect(Buffer.byteLength(String(event?.['output']))).toBe(KIB_256);
  });

  /** An expression whose value has so many bytes of JSON, or fewer when something stands around it. */
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
      what: 'what a state assigns',
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
      { ...row, bytes: KIB_256, status: 'SUCCEEDED', error: null },
      { ...row, bytes: KIB_256 + 1, status: 'FAILED', error: 'States.DataLimitExceeded' },
    ]),
  )('bounds $what: $bytes bytes end $status', async ({ states, bytes, status, error }) => {
    await using bench = new Bench(machine(states(bytes)), { f: () => 1 });
    bench.bucket.add('orders/a');
    expect(await bench.run()).toMatchObject({ status, error });
    expect(bench.functions.calls.length).toBe(bytes === KIB_256 && 'T' in states(bytes) ? 1 : 0);
  });

  it('is not caught by States.ALL, but by its own name', async () => {
    const catcher = (name: string) => task('f', { Catch: [{ ErrorEquals: [name], Next: 'B' }] });
    const f = () => 'x'.repeat(KIB_256);
    await using all = new Bench(machine({ A: catcher('States.ALL'), B: { Type: 'Succeed' } }), { f });
    expect(await all.run()).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
    await using own = new Bench(
      machine({ A: catcher('States.DataLimitExceeded'), B: { Type: 'Succeed', Output: 'ok' } }),
      { f },
    );
    expect(await own.run()).toMatchObject({ status: 'SUCCEEDED' });
  });

  const filler = (bytes: number) => ({ Type: 'Pass', End: true, Output: `{% $pad("", ${bytes}, "x") %}` });
  /** `["…","…"]` has 7 bytes that are not x. */
  const halves = (bytes: number) => [131_072, bytes - 131_072 - 7] as const;

  it.each([
    { bytes: KIB_256, status: 'SUCCEEDED', error: null },
    { bytes: KIB_256 + 1, status: 'FAILED', error: 'States.DataLimitExceeded' },
  ])(
    'bounds what all iterations give together, whatever Output leaves of it: $bytes bytes end $status',
    async (row) => {
      const I = { Type: 'Pass', End: true, Output: '{% $pad("", $states.input, "x") %}' };
      const map = { Type: 'Map', End: true, Output: 'small', ItemProcessor: graph({ I }) };
      await using bench = new Bench(machine({ M: { ...map, Items: halves(row.bytes) } }));
      expect(await bench.run()).toMatchObject({ status: row.status, error: row.error });
    },
  );

  it.each([
    { bytes: KIB_256, status: 'SUCCEEDED', error: null },
    { bytes: KIB_256 + 1, status: 'FAILED', error: 'States.DataLimitExceeded' },
  ])(
    'bounds what all branches give together, whatever Output leaves of it: $bytes bytes end $status',
    async (row) => {
      const [first, second] = halves(row.bytes);
      const Branches = [graph({ A: filler(first) }), graph({ B: filler(second) })];
      await using bench = new Bench(
        machine({ P: { Type: 'Parallel', End: true, Output: 'small', Branches } }),
      );
      const end = await bench.run();
      expect(end).toMatchObject({ status: row.status, error: row.error });
      expect(bench.events(end.arn)).toContain(row.error ? 'ParallelStateFailed' : 'ParallelStateSucceeded');
    },
  );

  it.each([
    { bytes: KIB_256, status: 'SUCCEEDED', error: null },
    { bytes: KIB_256 + 1, status: 'FAILED', error: 'States.DataLimitExceeded' },
  ])(
    'bounds what all children give together without a ResultWriter: $bytes bytes end $status',
    async (row) => {
      const I = { Type: 'Pass', End: true, Output: '{% $pad("", $states.input, "x") %}' };
      const map = distributed({ I }, { Output: 'small', Items: halves(row.bytes), ItemSelector: undefined });
      await using bench = new Bench(machine({ M: map }));
      expect(await bench.run()).toMatchObject({ status: row.status, error: row.error });
    },
  );
});

// https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html (read 2026-11-22)
describe('variables', () => {
  /** 40 iterations at once of 256 KiB each are 10 MiB to the byte. */
  const full = {
    Type: 'Map',
    End: true,
    Items: '{% [1..$states.input.iterations] %}',
    ItemProcessor: graph({
      I: { Type: 'Pass', Next: 'W', Assign: { v: `{% $pad("", ${KIB_256 - '{"v":""}'.length}, "x") %}` } },
      W: { Type: 'Wait', Seconds: 1, Next: 'S' },
      S: { Type: 'Succeed', Output: 1 },
    }),
  };

  it.each([
    { n: 40, outer: {}, status: 'SUCCEEDED', error: null, why: 'all scopes together fit to the byte' },
    {
      n: 40,
      outer: { o: 1 },
      status: 'FAILED',
      error: 'States.DataLimitExceeded',
      why: 'one more in the outer scope is too many',
    },
    { n: 90, outer: {}, status: 'SUCCEEDED', error: null, why: 'an iteration that is over holds none' },
  ])('hold 10 MiB in the whole execution: $why', async ({ n, outer, status, error }) => {
    await using bench = new Bench(machine({ A: { Type: 'Pass', Next: 'M', Assign: outer }, M: full }));
    expect(await bench.run({ iterations: n })).toMatchObject({ status, error });
  });

  it('of an iteration that goes on in a redrive count with those of the others', async () => {
    let broken = true;
    const assign = { Type: 'Pass', Next: 'T', Assign: { v: '{% $pad("", 262136, "x") %}' } };
    const again = { Type: 'Pass', End: true, Assign: { w: 1 } };
    const I = { A: assign, T: task('f', { Next: 'B' }), B: again };
    const map = { Type: 'Map', End: true, Items: '{% [1..40] %}', ItemProcessor: graph(I) };
    await using bench = new Bench(machine({ M: map }), {
      f: async () => {
        await bench.clock.sleep(1_000);
        if (broken) throw named('Mine');
        return 1;
      },
    });
    const { arn, error } = await bench.run();
    expect(error).toBe('Mine');
    broken = false;
    expect(await bench.redrive(arn)).toMatchObject({ error: 'States.DataLimitExceeded' });
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

  /** A bench whose executions begin with so many events already. */
  const begun = (count: number) => {
    const bench = new Bench(loop);
    bench.engine.machine.store.events.count = () => count;
    return bench;
  };

  it('is full enough at 25,000 when the last event is the success', async () => {
    await using bench = begun(25_000 - events(3));
    const end = await bench.run({ rounds: 3 });
    expect(end).toMatchObject({ status: 'SUCCEEDED', event_count: 25_000 });
  });

  it('fails the execution, whatever catches, when event 25,000 would be another', async () => {
    await using bench = begun(25_000 - events(3) + 1);
    const end = await bench.run({ rounds: 3 });
    const cause = 'The execution reached the maximum number of history events (25000).';
    expect(end).toMatchObject({ status: 'FAILED', cause, event_count: 25_000 });
    expect(bench.events(end.arn).at(-1)).toBe('ExecutionFailed');
    await expect(bench.redrive(end.arn)).rejects.toMatchObject({ name: 'ExecutionNotRedrivable' });
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
  ])(
    'keeps every event that it had room for, up to $last, and no id is missing',
    async ({ last, fits, M }) => {
      await using bench = new Bench(machine({ M }));
      bench.bucket.add('orders/a');
      bench.engine.machine.store.events.count = () => 24_999 - fits;
      const end = await bench.run();
      const history = bench.engine.queries.history(end.arn);
      const ids = Array.from({ length: fits + 1 }, (_, n) => 24_999 - fits + 1 + n);
      expect(history.map(({ id }) => id)).toEqual(ids);
      expect(history.slice(-2)).toMatchObject([
        { id: 24_999, type: last },
        { id: 25_000, type: 'ExecutionFailed', previous_id: 24_999 },
      ]);
      expect(bench.engine.queries.mapRuns(end.arn, 1, 0)).toEqual([]);
    },
  );

  it('ends the children of an iteration before the execution whose other iteration filled it', async () => {
    const wait = (Seconds: number) => ({ Type: 'Wait', Seconds, End: true });
    const inner = {
      C: { Type: 'Choice', Choices: [{ Condition: '{% $states.input = 0 %}', Next: 'M' }], Default: 'S' },
      M: distributed({ P: { Type: 'Parallel', End: true, Branches: [graph({ W: wait(60) })] } }),
      S: { ...wait(9), End: undefined, Next: 'T' },
      T: { Type: 'Pass', End: true },
    };
    const outer = { Type: 'Map', End: true, Items: [0, 1], ItemProcessor: graph(inner) };
    await using bench = new Bench(machine({ Outer: outer }));
    bench.bucket.add('orders/a');
    // ExecutionStarted, the outer map (2), two iterations and choices (6), the inner map (3), the Wait (2)
    bench.engine.machine.store.events.count = (id) => (id === 1 ? 24_999 - 14 : 0);
    const end = await bench.run();
    expect(end).toMatchObject({ status: 'FAILED', event_count: 25_000 });
    expect(bench.events(end.arn).at(-2)).toBe('WaitStateExited');
    const [mapRun] = bench.engine.queries.mapRuns(end.arn, 1, 0);
    expect(mapRun).toMatchObject({ status: 'ABORTED' });
    const children = bench.engine.queries.executions({ mapRunArn: mapRun?.arn }, 9, 0);
    expect(children).toMatchObject([{ status: 'ABORTED' }]);
  });

  it('can be redriven with 24,998 events, and not with 24,999', async () => {
    const failing = machine({ F: { Type: 'Fail' } });
    for (const [count, redrivable] of [
      [24_995, true],
      [24_996, false],
    ] as const) {
      await using bench = new Bench(failing);
      bench.engine.machine.store.events.count = () => count;
      const end = await bench.run();
      expect(end.event_count).toBe(count + 3);
      expect(bench.engine.queries.redriveObstacle(end) === undefined).toBe(redrivable);
    }
  });
});
