import { describe, expect, it } from 'vitest';
import { systemClock } from '../src/clock.ts';
import { graph, Harness, machine, task } from './support/harness.ts';

const pass = (more: object) => ({ Type: 'Pass', ...('Next' in more ? {} : { End: true }), ...more });

// https://docs.aws.amazon.com/step-functions/latest/dg/workflow-states.html (read 2026-11-22)
describe('the states of an execution', () => {
  it('a state gets the output of the one before, and a Pass without Output returns its input', async () => {
    await using harness = new Harness(
      machine({ A: pass({ Next: 'B', Output: { n: '{% $states.input.n + 1 %}' } }), B: pass({}) }),
    );
    expect(await harness.run({ n: 1 })).toMatchObject({ status: 'SUCCEEDED', output: '{"n":2}' });
  });

  // https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html (read 2026-11-22)
  it('Assign and Output see the variables as they were when the state was entered', async () => {
    const swap = pass({ Next: 'C', Assign: { a: '{% $b %}', b: '{% $a %}' }, Output: '{% $a %}' });
    const end = pass({ Output: '{% [$states.input, $a, $b] %}' });
    await using harness = new Harness(
      machine({ A: pass({ Next: 'B', Assign: { a: 1, b: 2 } }), B: swap, C: end }),
    );
    expect((await harness.run()).output).toBe('[1,2,1]');
  });

  // https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html (read 2026-11-22)
  it('the context object has the execution, the machine and the state', async () => {
    const output =
      '{% $states.context.{"id": Execution.Id, "name": Execution.Name, "input": Execution.Input, "redrives": Execution.RedriveCount, "state": State.Name, "tries": State.RetryCount, "machine": StateMachine.Name} %}';
    await using harness = new Harness(machine({ A: pass({ Output: output }) }));
    const end = await harness.run({ x: 1 }, 'run-1');
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
  it('an expression without a value fails the state with States.QueryEvaluationError and an event that names the field', async () => {
    await using harness = new Harness(machine({ A: pass({ Output: { b: '{% $states.input.none %}' } }) }));
    const end = await harness.run();
    const cause =
      "An error occurred while executing the state 'A' (entered at the event id #2). The JSONata expression '$states.input.none' specified for the field 'Output/b' returned nothing (undefined).";
    expect(end).toMatchObject({ status: 'FAILED', error: 'States.QueryEvaluationError', cause });
    expect(harness.details(end.arn, 'EvaluationFailed')).toEqual([
      { error: end.error, cause, location: 'Output/b', state: 'A' },
    ]);
  });

  // https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html (read 2026-11-22)
  it('$states.result of a task has the payload, version, status and HTTP metadata', async () => {
    await using harness = new Harness(machine({ A: task('f', { Output: '{% $states.result %}' }) }), {
      f: () => ({ x: 1 }),
    });
    const output = JSON.parse((await harness.run()).output ?? '');
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
      { n: 11, output: '"big"', why: 'the first rule that matches wins' },
      { n: 6, output: '"medium"', why: 'each rule can have its own Output' },
      { n: 1, output: '"small"', why: 'the default uses the Output of the state' },
    ])('in a Choice $why', async ({ n, output }) => {
      await using harness = new Harness(definition({ Default: 'Small', Output: 'small' }));
      expect((await harness.run({ n })).output).toBe(output);
    });

    it('a Choice fails with States.Runtime when no rule matches and there is no default', async () => {
      await using harness = new Harness(definition({}));
      expect(await harness.run({ n: 1 })).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
    });

    it('a Choice fails when a condition is not a boolean', async () => {
      await using harness = new Harness(
        machine({
          C: { Type: 'Choice', Choices: [{ Condition: '{% $states.input.n %}', Next: 'B' }] },
          B: pass({}),
        }),
      );
      expect(await harness.run({ n: 1 })).toMatchObject({
        error: 'States.QueryEvaluationError',
        cause: expect.stringContaining('not a boolean'),
      });
    });
  });

  // https://docs.aws.amazon.com/step-functions/latest/dg/state-wait.html (read 2026-11-22)
  describe('Wait', () => {
    it.each([
      { fields: { Seconds: 90 }, millis: 90_000, why: 'the given seconds' },
      {
        fields: { Seconds: '{% $states.input.s %}' },
        millis: 7_000,
        why: 'the seconds that an expression returns',
      },
      { fields: { Timestamp: '2026-11-22T00:01:00Z' }, millis: 60_000, why: 'until a timestamp' },
      {
        fields: { Timestamp: '2020-01-01T00:00:00Z' },
        millis: 0,
        why: 'no time when the time is in the past',
      },
      { fields: { Seconds: 99_999_999 }, millis: 99_999_999_000, why: 'for years' },
    ])('a Wait waits $why', async ({ fields, millis }) => {
      await using harness = new Harness(machine({ W: { Type: 'Wait', End: true, ...fields } }));
      const end = await harness.run({ s: 7 });
      expect((end.stop_date ?? 0) - end.start_date).toBe(millis);
    });

    it('a Wait of more than 2^31 ms does not end at once on the real clock', async () => {
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
  it('a Fail state evaluates its error and cause and fails the execution', async () => {
    await using harness = new Harness(
      machine({ F: { Type: 'Fail', Error: 'Mine', Cause: "{% 'n is ' & $states.input.n %}" } }),
    );
    const end = await harness.run({ n: 3 });
    expect(end).toMatchObject({ status: 'FAILED', error: 'Mine', cause: 'n is 3' });
    expect(harness.events(end.arn)).toEqual(['ExecutionStarted', 'FailStateEntered', 'ExecutionFailed']);
  });

  // https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html (read 2026-11-22)
  it('a branch sees outer variables, but not those of other branches', async () => {
    const branch = (other: string) =>
      graph({
        [`In ${other}`]: pass({ Next: `Out ${other}`, Assign: { [other]: 1 } }),
        [`Out ${other}`]: pass({ Output: `{% [$outer, $exists($a), $exists($b)] %}` }),
      });
    const both = { Type: 'Parallel', End: true, Branches: [branch('a'), branch('b')] };
    await using harness = new Harness(
      machine({ First: pass({ Next: 'Both', Assign: { outer: 'o' } }), Both: both }),
    );
    expect((await harness.run()).output).toBe('[["o",true,false],["o",false,true]]');
  });
});
