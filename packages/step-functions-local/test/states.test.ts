import { describe, expect, it } from 'vitest';
import { systemClock } from '../src/clock.ts';
import { Bench, graph, machine, task } from './support/harness.ts';

const pass = (more: object) => ({ Type: 'Pass', ...('Next' in more ? {} : { End: true }), ...more });

// https://docs.aws.amazon.com/step-functions/latest/dg/workflow-states.html (read 2026-11-22)
describe('the states of an execution', () => {
  it('hand each output to the next as its input; a Pass without Output hands on what it got', async () => {
    await using bench = new Bench(
      machine({ A: pass({ Next: 'B', Output: { n: '{% $states.input.n + 1 %}' } }), B: pass({}) }),
    );
    expect(await bench.run({ n: 1 })).toMatchObject({ status: 'SUCCEEDED', output: '{"n":2}' });
  });

  // https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html (read 2026-11-22)
  it('evaluate Assign and Output from the values at their entry', async () => {
    const swap = pass({ Next: 'C', Assign: { a: '{% $b %}', b: '{% $a %}' }, Output: '{% $a %}' });
    const end = pass({ Output: '{% [$states.input, $a, $b] %}' });
    await using bench = new Bench(
      machine({ A: pass({ Next: 'B', Assign: { a: 1, b: 2 } }), B: swap, C: end }),
    );
    expect((await bench.run()).output).toBe('[1,2,1]');
  });

  // https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html (read 2026-11-22)
  it('know the execution, the machine and the state from the context object', async () => {
    const output =
      '{% $states.context.{"id": Execution.Id, "name": Execution.Name, "input": Execution.Input, "redrives": Execution.RedriveCount, "state": State.Name, "tries": State.RetryCount, "machine": StateMachine.Name} %}';
    await using bench = new Bench(machine({ A: pass({ Output: output }) }));
    const end = await bench.run({ x: 1 }, 'run-1');
    expect(JSON.parse(end.output ?? '')).toEqual({
      id: end.arn,
      name: 'run-1',
      input: { x: 1 },
      redrives: 0,
      state: 'A',
      tries: 0,
      machine: 'machine',
    });
  });

  // https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html (read 2026-11-22)
  it('fail with States.QueryEvaluationError, and an event that names the field, when an expression has no value', async () => {
    await using bench = new Bench(machine({ A: pass({ Output: { b: '{% $states.input.none %}' } }) }));
    const end = await bench.run();
    const cause =
      "An error occurred while executing the state 'A' (entered at the event id #2). The JSONata expression '$states.input.none' specified for the field 'Output/b' returned nothing (undefined).";
    expect(end).toMatchObject({ status: 'FAILED', error: 'States.QueryEvaluationError', cause });
    expect(bench.details(end.arn, 'EvaluationFailed')).toEqual([
      { error: end.error, cause, location: 'Output/b', state: 'A' },
    ]);
  });

  // https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html (read 2026-11-22)
  it('give a task its whole answer as $states.result: payload, version, status and HTTP metadata', async () => {
    await using bench = new Bench(machine({ A: task('f', { Output: '{% $states.result %}' }) }), {
      f: () => ({ x: 1 }),
    });
    const output = JSON.parse((await bench.run()).output ?? '');
    expect(output).toMatchObject({
      ExecutedVersion: '$LATEST',
      Payload: { x: 1 },
      StatusCode: 200,
      SdkHttpMetadata: { HttpStatusCode: 200 },
    });
  });

  // https://docs.aws.amazon.com/step-functions/latest/dg/state-choice.html (read 2026-11-22)
  describe('Choice', () => {
    const choices = [
      { Condition: '{% $states.input.n > 10 %}', Next: 'Big', Output: 'big', Assign: { size: 'L' } },
      { Condition: '{% $states.input.n > 5 %}', Next: 'Big', Output: 'medium' },
    ];
    const definition = (more: object) =>
      machine({
        C: { Type: 'Choice', Choices: choices, ...more },
        Big: pass({}),
        ...('Default' in more && { Small: pass({}) }),
      });

    it.each([
      { n: 11, output: '"big"', why: 'the first rule that holds wins' },
      { n: 6, output: '"medium"', why: 'each rule has its own output' },
      { n: 1, output: '"small"', why: 'the default has that of the state' },
    ])('$why', async ({ n, output }) => {
      await using bench = new Bench(definition({ Default: 'Small', Output: 'small' }));
      expect((await bench.run({ n })).output).toBe(output);
    });

    it('fails with States.Runtime when no rule holds and there is no default', async () => {
      await using bench = new Bench(definition({}));
      expect(await bench.run({ n: 1 })).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
    });

    it('fails when a condition is not a boolean', async () => {
      await using bench = new Bench(
        machine({
          C: { Type: 'Choice', Choices: [{ Condition: '{% $states.input.n %}', Next: 'B' }] },
          B: pass({}),
        }),
      );
      expect(await bench.run({ n: 1 })).toMatchObject({
        error: 'States.QueryEvaluationError',
        cause: expect.stringContaining('not a boolean'),
      });
    });
  });

  // https://docs.aws.amazon.com/step-functions/latest/dg/state-wait.html (read 2026-11-22)
  describe('Wait', () => {
    it.each([
      { fields: { Seconds: 90 }, millis: 90_000, why: 'so many seconds' },
      { fields: { Seconds: '{% $states.input.s %}' }, millis: 7_000, why: 'as many as an expression says' },
      { fields: { Timestamp: '2026-11-22T00:01:00Z' }, millis: 60_000, why: 'until a time' },
      { fields: { Timestamp: '2020-01-01T00:00:00Z' }, millis: 0, why: 'not at all for a time in the past' },
      { fields: { Seconds: 99_999_999 }, millis: 99_999_999_000, why: 'for years' },
    ])('waits $why', async ({ fields, millis }) => {
      await using bench = new Bench(machine({ W: { Type: 'Wait', End: true, ...fields } }));
      const end = await bench.run({ s: 7 });
      expect((end.stop_date ?? 0) - end.start_date).toBe(millis);
    });

    it('does not wake at once from a wait beyond 2^31 ms of the real clock', async () => {
      const patience = new AbortController();
      const sleep = systemClock.sleep(2 ** 31 + 1_000, patience.signal).then(
        () => 'woke',
        () => 'asleep',
      );
      setTimeout(() => patience.abort(), 30);
      expect(await sleep).toBe('asleep');
    });
  });

  // https://docs.aws.amazon.com/step-functions/latest/dg/state-fail.html (read 2026-11-22)
  it('fail by a Fail state with its error and cause, evaluated', async () => {
    await using bench = new Bench(
      machine({ F: { Type: 'Fail', Error: 'Mine', Cause: "{% 'n is ' & $states.input.n %}" } }),
    );
    const end = await bench.run({ n: 3 });
    expect(end).toMatchObject({ status: 'FAILED', error: 'Mine', cause: 'n is 3' });
    expect(bench.events(end.arn)).toEqual(['ExecutionStarted', 'FailStateEntered', 'ExecutionFailed']);
  });

  // https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html (read 2026-11-22)
  it('see outer variables inside a branch, and none of another branch', async () => {
    const branch = (other: string) =>
      graph({
        [`In ${other}`]: pass({ Next: `Out ${other}`, Assign: { [other]: 1 } }),
        [`Out ${other}`]: pass({ Output: `{% [$outer, $exists($a), $exists($b)] %}` }),
      });
    const both = { Type: 'Parallel', End: true, Branches: [branch('a'), branch('b')] };
    await using bench = new Bench(
      machine({ First: pass({ Next: 'Both', Assign: { outer: 'o' } }), Both: both }),
    );
    expect((await bench.run()).output).toBe('[["o",true,false],["o",false,true]]');
  });
});
