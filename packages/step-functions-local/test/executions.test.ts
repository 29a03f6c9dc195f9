import { describe, expect, it } from 'vitest';
import { distributed, graph, Harness, machine, task } from './support/harness.ts';

const waiting = machine({ W: { Type: 'Wait', Seconds: 1_000, End: true } });
const done = machine({ S: { Type: 'Succeed' } });

// https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html (read 2026-11-22)
describe('starting an execution', () => {
  it.each([
    { name: 'a'.repeat(80), good: true, why: '80 characters' },
    { name: 'a'.repeat(81), good: false, why: '81 characters' },
    { name: 'Ünï-code_1.2=3+4@5(6)!', good: true, why: 'only allowed characters' },
    ...[...' \t<>{}[]?*"#%\\^|~`$&,;:/\u0000\u007f\u0085\ufffe\uffff😀', '\ud800', '\udfff'].map((bad) => ({
      name: `a${bad}b`,
      good: false,
      why: `the character ${JSON.stringify(bad)}`,
    })),
    { name: '', good: false, why: 'no characters' },
  ])('a name with $why is accepted: $good', async ({ name, good }) => {
    await using harness = new Harness(done);
    const start = () => harness.engine.startExecution({ name });
    if (good) expect(start().name).toBe(name);
    else expect(start).toThrow(expect.objectContaining({ name: 'InvalidName' }));
  });

  it('StartExecution returns the running execution with the same name and input', async () => {
    await using harness = new Harness(waiting);
    const first = harness.engine.startExecution({ name: 'a', input: '{"x":1}' });
    expect(harness.engine.startExecution({ name: 'a', input: '{"x":1}' }).id).toBe(first.id);
  });

  it.each([
    { input: '{"x":2}', ended: false, why: 'another input' },
    { input: '{"x":1}', ended: true, why: 'the same input after it ended' },
  ])('StartExecution refuses a name that is taken, with $why', async ({ input, ended }) => {
    await using harness = new Harness(ended ? done : waiting);
    const { arn } = harness.engine.startExecution({ name: 'a', input: '{"x":1}' });
    if (ended) await harness.engine.waitFor(arn);
    expect(() => harness.engine.startExecution({ name: 'a', input })).toThrow(
      expect.objectContaining({ name: 'ExecutionAlreadyExists' }),
    );
  });

  it('StartExecution refuses an input that is not JSON', async () => {
    await using harness = new Harness(done);
    expect(() => harness.engine.startExecution({ input: '{' })).toThrow(
      expect.objectContaining({ name: 'InvalidExecutionInput' }),
    );
  });

  it('StartExecution creates a name and uses {} as input when they are not given', async () => {
    await using harness = new Harness(done);
    const { arn } = harness.engine.startExecution({});
    expect(await harness.engine.waitFor(arn)).toMatchObject({
      name: expect.stringMatching(/^[0-9a-f-]{36}$/),
      input: '{}',
    });
  });
});

// https://docs.aws.amazon.com/step-functions/latest/apireference/API_StopExecution.html (read 2026-11-22)
describe('stopping an execution', () => {
  it('StopExecution ends an execution as ABORTED with the given error and cause, while its function continues', async () => {
    let finished = false;
    const harness: Harness = new Harness(machine({ A: task('f') }), {
      f: async () => {
        await harness.clock.sleep(100);
        finished = true;
        return null;
      },
    });
    await using used = harness;
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

  it('StopExecution also stops branches, iterations and child executions', async () => {
    const wait = { W1: { Type: 'Wait', Seconds: 9_999, End: true } };
    const inner = { W2: { Type: 'Wait', Seconds: 9_999, End: true } };
    const map = { Type: 'Map', Items: [1, 2], End: true, ItemProcessor: graph(inner) };
    const both = {
      Type: 'Parallel',
      End: true,
      Branches: [graph({ M: map }), graph({ D: distributed(wait) })],
    };
    await using harness = new Harness(machine({ P: both }));
    harness.bucket.add('orders/a', 'orders/b');
    const { arn } = harness.engine.startExecution({});
    while (
      harness.engine.queries.executions({}, 9, 0).length < 1 ||
      harness.engine.queries.mapRuns(arn, 1, 0).length === 0
    )
      await new Promise((resolve) => setImmediate(resolve));
    await harness.engine.stopExecution({ arn });
    const [mapRun] = harness.engine.queries.mapRuns(arn, 1, 0);
    expect(await harness.engine.waitFor(arn)).toMatchObject({ status: 'ABORTED', error: null, cause: null });
    expect(mapRun?.status).toBe('ABORTED');
    expect(harness.engine.queries.executions({ mapRunArn: mapRun?.arn, status: 'RUNNING' }, 9, 0)).toEqual(
      [],
    );
  });

  it.each([
    { what: 'list the items', port: 'itemSource' },
    { what: 'take the results', port: 'resultSink' },
  ])('StopExecution ends a map whose bucket does not answer when it has to $what', async ({ port }) => {
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
    await using harness = new Harness(definition, {}, { [port]: ports });
    const { arn } = harness.engine.startExecution({});
    await asked.promise;

    await harness.engine.stopExecution({ arn, error: 'Enough' });

    expect(await harness.engine.waitFor(arn)).toMatchObject({ status: 'ABORTED', error: 'Enough' });
  });

  it('StopExecution does not change an execution that has ended', async () => {
    await using harness = new Harness(done);
    const end = await harness.run();
    expect(await harness.engine.stopExecution({ arn: end.arn })).toBe(end.stop_date);
    expect((await harness.engine.waitFor(end.arn)).status).toBe('SUCCEEDED');
  });

  it('StopExecution refuses an execution that does not exist', async () => {
    await using harness = new Harness(done);
    await expect(harness.engine.stopExecution({ arn: 'arn:x' })).rejects.toMatchObject({
      name: 'ExecutionDoesNotExist',
    });
  });
});

describe('the data of an engine', () => {
  it('only one engine at a time can use a data directory', async () => {
    await using harness = new Harness(done);
    const { createEngine } = await import('../src/engine.ts');
    const second = () =>
      createEngine({
        dataDirectory: harness.directory,
        definition: done,
        stateMachineArn: harness.engine.machine.address.arn,
      });
    expect(second).toThrow('another engine uses it');
  });

  // https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html (read 2026-11-22)
  it('executions survive a restart and are deleted 90 days after their end', async () => {
    const each = machine({ M: distributed({ S: { Type: 'Succeed' } }) });
    await using harness = new Harness(each);
    harness.bucket.add('orders/a');
    const old = await harness.run();
    harness.clock.skip(89 * 86_400_000);
    const young = await harness.run();
    await harness.reopen();
    expect(harness.events(old.arn)).toHaveLength(8);
    harness.clock.skip(2 * 86_400_000);
    await harness.reopen();
    expect(() => harness.events(old.arn)).toThrow('Execution Does Not Exist');
    expect(harness.engine.queries.executions({}, 9, 0).map(({ arn }) => arn)).toEqual([young.arn]);
  });

  it('closing the engine ends running executions as ABORTED', async () => {
    await using harness = new Harness(waiting);
    const { arn } = harness.engine.startExecution({});
    await harness.reopen();
    expect(await harness.engine.waitFor(arn)).toMatchObject({ status: 'ABORTED', cause: 'engine stopped' });
  });
});
