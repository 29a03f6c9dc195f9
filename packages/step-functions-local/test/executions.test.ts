import { describe, expect, it } from 'vitest';
import { Bench, distributed, graph, machine, task } from './support/harness.ts';

const waiting = machine({ W: { Type: 'Wait', Seconds: 1_000, End: true } });
const done = machine({ S: { Type: 'Succeed' } });

// https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html (read 2026-11-22)
describe('starting an execution', () => {
  it.each([
    { name: 'a'.repeat(80), good: true, why: '80 characters' },
    { name: 'a'.repeat(81), good: false, why: '81 characters' },
    { name: 'Ünï-code_1.2=3+4@5(6)!', good: true, why: 'what is not forbidden' },
    ...[...' \t<>{}[]?*"#%\\^|~`$&,;:/\u0000\u007f\u0085\ufffe\uffff😀', '\ud800', '\udfff'].map((bad) => ({
      name: `a${bad}b`,
      good: false,
      why: `the character ${JSON.stringify(bad)}`,
    })),
    { name: '', good: false, why: 'no character at all' },
  ])('takes a name of $why: $good', async ({ name, good }) => {
    await using bench = new Bench(done);
    const start = () => bench.engine.startExecution({ name });
    if (good) expect(start().name).toBe(name);
    else expect(start).toThrow(expect.objectContaining({ name: 'InvalidName' }));
  });

  it('is the same execution for the same name and input while it is RUNNING', async () => {
    await using bench = new Bench(waiting);
    const first = bench.engine.startExecution({ name: 'a', input: '{"x":1}' });
    expect(bench.engine.startExecution({ name: 'a', input: '{"x":1}' }).id).toBe(first.id);
  });

  it.each([
    { input: '{"x":2}', ended: false, why: 'another input' },
    { input: '{"x":1}', ended: true, why: 'the same input after it ended' },
  ])('is refused under the name of another with $why', async ({ input, ended }) => {
    await using bench = new Bench(ended ? done : waiting);
    const { arn } = bench.engine.startExecution({ name: 'a', input: '{"x":1}' });
    if (ended) await bench.engine.waitFor(arn);
    expect(() => bench.engine.startExecution({ name: 'a', input })).toThrow(
      expect.objectContaining({ name: 'ExecutionAlreadyExists' }),
    );
  });

  it('is refused with what is not JSON', async () => {
    await using bench = new Bench(done);
    expect(() => bench.engine.startExecution({ input: '{' })).toThrow(
      expect.objectContaining({ name: 'InvalidExecutionInput' }),
    );
  });

  it('makes up a name when none is given, and takes {} as input', async () => {
    await using bench = new Bench(done);
    const { arn } = bench.engine.startExecution({});
    expect(await bench.engine.waitFor(arn)).toMatchObject({
      name: expect.stringMatching(/^[0-9a-f-]{36}$/),
      input: '{}',
    });
  });
});

// https://docs.aws.amazon.com/step-functions/latest/apireference/API_StopExecution.html (read 2026-11-22)
describe('stopping an execution', () => {
  it('ends it as ABORTED with the error and cause given, and its task runs on by itself', async () => {
    let finished = false;
    const bench: Bench = new Bench(machine({ A: task('f') }), {
      f: async () => {
        await bench.clock.sleep(100);
        finished = true;
        return null;
      },
    });
    await using used = bench;
    const { arn } = used.engine.startExecution({});
    await new Promise((resolve) => setImmediate(resolve));
    await used.engine.stopExecution({ arn, error: 'Enough', cause: 'by hand' });
    expect(await used.engine.waitFor(arn)).toMatchObject({
      status: 'ABORTED',
      error: 'Enough',
      cause: 'by hand',
    });
    expect(used.engine.queries.history(arn).at(-1)).toMatchObject({
      type: 'ExecutionAborted',
      previous_id: 0,
    });
    await used.clock.sleep(200);
    expect(finished).toBe(true);
    expect(used.events(arn).at(-1)).toBe('ExecutionAborted');
  });

  it('stops its branches, iterations and child executions as well', async () => {
    const wait = { W1: { Type: 'Wait', Seconds: 9_999, End: true } };
    const inner = { W2: { Type: 'Wait', Seconds: 9_999, End: true } };
    const map = { Type: 'Map', Items: [1, 2], End: true, ItemProcessor: graph(inner) };
    const both = {
      Type: 'Parallel',
      End: true,
      Branches: [graph({ M: map }), graph({ D: distributed(wait) })],
    };
    await using bench = new Bench(machine({ P: both }));
    bench.bucket.add('orders/a', 'orders/b');
    const { arn } = bench.engine.startExecution({});
    while (
      bench.engine.queries.executions({}, 9, 0).length < 1 ||
      bench.engine.queries.mapRuns(arn, 1, 0).length === 0
    )
      await new Promise((resolve) => setImmediate(resolve));
    await bench.engine.stopExecution({ arn });
    const [mapRun] = bench.engine.queries.mapRuns(arn, 1, 0);
    expect(await bench.engine.waitFor(arn)).toMatchObject({ status: 'ABORTED', error: null, cause: null });
    expect(mapRun?.status).toBe('ABORTED');
    expect(bench.engine.queries.executions({ mapRunArn: mapRun?.arn, status: 'RUNNING' }, 9, 0)).toEqual([]);
  });

  it.each([
    { what: 'list the items', port: 'itemSource' },
    { what: 'take the results', port: 'resultSink' },
  ])('ends a map whose bucket does not answer to $what', async ({ port }) => {
    const asked = Promise.withResolvers<void>();
    const hangs = (signal: AbortSignal) =>
      new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => reject(new Error('the request was aborted')));
        asked.resolve();
      });
    const ports = {
      // biome-ignore lint/correctness/useYield: it hangs before there is anything to yield
      listObjects: async function* (_bucket: string, _prefix: string, signal: AbortSignal) {
        await hangs(signal);
      },
      putObject: (_bucket: string, _key: string, _body: string, signal: AbortSignal) => hangs(signal),
    };
    const writer = { Resource: 'arn:aws:states:::s3:putObject', Arguments: { Bucket: 'work', Prefix: 'p' } };
    const definition = machine({ M: distributed({ S: { Type: 'Succeed' } }, { ResultWriter: writer }) });
    await using bench = new Bench(definition, {}, { [port]: ports });
    const { arn } = bench.engine.startExecution({});
    await asked.promise;

    await bench.engine.stopExecution({ arn, error: 'Enough' });

    expect(await bench.engine.waitFor(arn)).toMatchObject({ status: 'ABORTED', error: 'Enough' });
  });

  it('does nothing to one that is over', async () => {
    await using bench = new Bench(done);
    const end = await bench.run();
    expect(await bench.engine.stopExecution({ arn: end.arn })).toBe(end.stop_date);
    expect((await bench.engine.waitFor(end.arn)).status).toBe('SUCCEEDED');
  });

  it('is refused for one that never was', async () => {
    await using bench = new Bench(done);
    await expect(bench.engine.stopExecution({ arn: 'arn:x' })).rejects.toMatchObject({
      name: 'ExecutionDoesNotExist',
    });
  });
});

describe('the data of an engine', () => {
  it('is held by one engine at a time', async () => {
    await using bench = new Bench(done);
    const { createEngine } = await import('../src/engine.ts');
    const second = () =>
      createEngine({
        dataDirectory: bench.directory,
        definition: done,
        stateMachineArn: bench.engine.machine.address.arn,
      });
    expect(second).toThrow('is another engine using it?');
  });

  // https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html (read 2026-11-22)
  it('outlives the engine, and forgets executions 90 days after they ended', async () => {
    const each = machine({ M: distributed({ S: { Type: 'Succeed' } }) });
    await using bench = new Bench(each);
    bench.bucket.add('orders/a');
    const old = await bench.run();
    bench.clock.skip(89 * 86_400_000);
    const young = await bench.run();
    await bench.reopen();
    expect(bench.events(old.arn)).toHaveLength(8);
    bench.clock.skip(2 * 86_400_000);
    await bench.reopen();
    expect(() => bench.events(old.arn)).toThrow('Execution Does Not Exist');
    expect(bench.engine.queries.executions({}, 9, 0).map(({ arn }) => arn)).toEqual([young.arn]);
  });

  it('ends what runs as ABORTED when the engine is closed', async () => {
    await using bench = new Bench(waiting);
    const { arn } = bench.engine.startExecution({});
    await bench.reopen();
    expect(await bench.engine.waitFor(arn)).toMatchObject({ status: 'ABORTED', cause: 'engine stopped' });
  });
});
