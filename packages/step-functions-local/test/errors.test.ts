import { describe, expect, it } from 'vitest';
import { StateError } from '../src/errors.ts';
import { matchesError, Retries } from '../src/interpreter/handlers.ts';
import type { Invoke } from '../src/lambda/invocation.ts';
import { graph, Harness, machine, named, task } from './support/harness.ts';

const retry = (more: object) => ({
  ErrorEquals: ['Mine'],
  IntervalSeconds: 1,
  MaxAttempts: 3,
  BackoffRate: 2,
  JitterStrategy: 'NONE' as const,
  ...more,
});
const delays = (retriers: ReturnType<typeof retry>[], times: number, random = () => 0.5, error = 'Mine') => {
  const retries = new Retries(retriers, random);
  return Array.from({ length: times }, () => retries.next(new StateError(error)));
};

// https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html (read 2026-11-22)
describe('an ErrorEquals', () => {
  it.each([
    { names: ['Mine'], error: 'Mine', match: true, why: 'an error by its name' },
    { names: ['Mine'], error: 'mine', match: false, why: 'not in another case' },
    { names: ['States.ALL'], error: 'Mine', match: true, why: 'any error by States.ALL' },
    { names: ['States.ALL'], error: 'States.Timeout', match: true, why: 'a time-out by States.ALL' },
    { names: ['States.TaskFailed'], error: 'Mine', match: true, why: 'any error by States.TaskFailed' },
    { names: ['States.TaskFailed'], error: 'States.Timeout', match: false, why: 'but not a time-out' },
    {
      names: ['States.ALL'],
      error: 'States.QueryEvaluationError',
      match: true,
      why: 'a failed expression by States.ALL',
    },
    {
      names: ['States.ALL'],
      error: 'States.DataLimitExceeded',
      match: false,
      why: 'not data that does not fit, by States.ALL',
    },
    {
      names: ['States.TaskFailed'],
      error: 'States.DataLimitExceeded',
      match: false,
      why: 'nor by States.TaskFailed',
    },
    {
      names: ['States.DataLimitExceeded'],
      error: 'States.DataLimitExceeded',
      match: true,
      why: 'only by its own name',
    },
    { names: ['States.ALL'], error: 'States.Runtime', match: false, why: 'States.Runtime never' },
    { names: ['States.Runtime'], error: 'States.Runtime', match: false, why: 'not even by its own name' },
  ])('ErrorEquals $names and error $error: $why', ({ names, error, match }) => {
    expect(matchesError(names, error)).toBe(match);
  });
});

// https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html#error-handling-retrying-after-an-error (read 2026-11-22)
describe('a retrier', () => {
  it('a retrier waits longer each time, at most MaxAttempts times', () => {
    expect(delays([retry({})], 4)).toEqual([1_000, 2_000, 4_000, undefined]);
  });

  it('a retrier waits at most MaxDelaySeconds', () => {
    expect(delays([retry({ MaxDelaySeconds: 3, MaxAttempts: 4 })], 4)).toEqual([1_000, 2_000, 3_000, 3_000]);
  });

  it('a retrier with full jitter waits a random time up to the delay', () => {
    expect(delays([retry({ JitterStrategy: 'FULL' })], 3, () => 0.25)).toEqual([250, 500, 1_000]);
  });

  it('a retrier with MaxAttempts 0 never retries', () => {
    expect(delays([retry({ MaxAttempts: 0 })], 1)).toEqual([undefined]);
  });

  it('the first retrier that matches decides, even when its attempts are used up', () => {
    expect(delays([retry({ MaxAttempts: 1 }), retry({ ErrorEquals: ['States.ALL'] })], 2)).toEqual([
      1_000,
      undefined,
    ]);
  });

  it('each retrier counts its own attempts', () => {
    const retries = new Retries(
      [retry({ MaxAttempts: 1 }), retry({ ErrorEquals: ['Other'], MaxAttempts: 1 })],
      () => 1,
    );
    expect(['Mine', 'Other', 'Mine'].map((error) => retries.next(new StateError(error)))).toEqual([
      1_000,
      1_000,
      undefined,
    ]);
    expect(retries.total).toBe(2);
  });
});

// https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html#error-handling-fallback-states (read 2026-11-22)
describe('a task that fails', () => {
  it('a failed task is scheduled again after each delay, with the retry count in its context', async () => {
    const state = task('f', {
      Retry: [retry({})],
      Arguments: { FunctionName: 'f', Payload: '{% $states.context.State.RetryCount %}' },
    });
    await using harness = new Harness(machine({ A: state }), {
      f: (_payload, call) => {
        if (call < 3) throw named('Mine');
        return 'done';
      },
    });
    const end = await harness.run();
    expect(end).toMatchObject({ status: 'SUCCEEDED', output: '"done"' });
    expect(harness.functions.payloads('f')).toEqual([0, 1, 2]);
    expect((end.stop_date ?? 0) - end.start_date).toBe(3_000);
    const attempt = ['TaskScheduled', 'TaskStarted', 'TaskFailed'];
    expect(harness.events(end.arn)).toEqual([
      'ExecutionStarted',
      'TaskStateEntered',
      ...attempt,
      ...attempt,
      'TaskScheduled',
      'TaskStarted',
      'TaskSucceeded',
      'TaskStateExited',
      'ExecutionSucceeded',
    ]);
  });

  it('a catcher gets the error and cause of a failed task and continues with its own Output and Assign', async () => {
    const caught = {
      ErrorEquals: ['Mine'],
      Next: 'B',
      Output: '{% $states.errorOutput.Error %}',
      Assign: { cause: '{% $parse($states.errorOutput.Cause).errorMessage %}' },
    };
    const definition = machine({
      A: task('f', { Catch: [caught] }),
      B: { Type: 'Pass', End: true, Output: '{% [$states.input, $cause] %}' },
    });
    await using harness = new Harness(definition, {
      f: () => {
        throw named('Mine', 'no luck');
      },
    });
    expect(await harness.run()).toMatchObject({ status: 'SUCCEEDED', output: '["Mine","no luck"]' });
  });

  it('a catcher without Output passes Error and Cause to the next state', async () => {
    const definition = machine({
      A: task('f', { Catch: [{ ErrorEquals: ['States.ALL'], Next: 'B' }] }),
      B: { Type: 'Succeed' },
    });
    await using harness = new Harness(definition, {
      f: () => {
        throw named('Lambda.TooManyRequestsException', 'Rate Exceeded.');
      },
    });
    expect((await harness.run()).output).toBe(
      '{"Error":"Lambda.TooManyRequestsException","Cause":"Rate Exceeded."}',
    );
  });

  it('a failed task is caught only after its retries are used up', async () => {
    const state = task('f', {
      Retry: [retry({ MaxAttempts: 2 })],
      Catch: [{ ErrorEquals: ['Mine'], Next: 'B' }],
    });
    await using harness = new Harness(machine({ A: state, B: { Type: 'Succeed' } }), {
      f: () => {
        throw named('Mine');
      },
    });
    expect(await harness.run()).toMatchObject({ status: 'SUCCEEDED' });
    expect(harness.functions.calls).toHaveLength(3);
  });

  it('a task in a loop has all its retries each time it is entered', async () => {
    const definition = machine({
      A: task('f', {
        Next: 'C',
        Retry: [retry({ MaxAttempts: 1 })],
        Assign: { n: '{% $states.result.Payload %}' },
      }),
      C: { Type: 'Choice', Choices: [{ Condition: '{% $n < 3 %}', Next: 'A' }], Default: 'D' },
      D: { Type: 'Succeed' },
    });
    let rounds = 0;
    await using harness = new Harness(definition, {
      f: (_payload, call) => {
        if (call % 2 === 1) throw named('Mine');
        rounds += 1;
        return rounds;
      },
    });
    expect(await harness.run()).toMatchObject({ status: 'SUCCEEDED' });
    expect(harness.functions.calls).toHaveLength(6);
  });

  it('an execution fails with the cause that Lambda reports: type, message and trace as JSON', async () => {
    await using harness = new Harness(machine({ A: task('f') }), {
      f: () => {
        throw named('ObjectsFailedError', '3 objects failed');
      },
    });
    const end = await harness.run();
    expect(end).toMatchObject({ status: 'FAILED', error: 'ObjectsFailedError' });
    expect(JSON.parse(end.cause ?? '')).toEqual({
      errorType: 'ObjectsFailedError',
      errorMessage: '3 objects failed',
    });
  });

  it('a task whose Output has no value is caught', async () => {
    const state = task('f', {
      Output: '{% $states.result.Payload.none %}',
      Catch: [{ ErrorEquals: ['States.QueryEvaluationError'], Next: 'B' }],
    });
    await using harness = new Harness(machine({ A: state, B: { Type: 'Succeed', Output: 'caught' } }), {
      f: () => ({}),
    });
    expect((await harness.run()).output).toBe('"caught"');
  });
});

// https://docs.aws.amazon.com/step-functions/latest/dg/state-task.html (read 2026-11-22)
describe('a time-out', () => {
  const slow = (harness: () => Harness, millis: number) => async () => {
    await harness().clock.sleep(millis);
    return 'late';
  };

  it('a task that times out fails with States.Timeout and no cause, and its function continues', async () => {
    let harness: Harness | undefined;
    let finished = false;
    const f = async () => {
      await slow(() => harness as Harness, 10_000)();
      finished = true;
      return null;
    };
    await using used = new Harness(machine({ A: task('f', { TimeoutSeconds: 5 }) }), { f });
    harness = used;
    const end = await used.run();
    expect(end).toMatchObject({ status: 'FAILED', error: 'States.Timeout', cause: null });
    expect(used.details(end.arn, 'TaskTimedOut')).toEqual([
      { resourceType: 'lambda', resource: 'invoke', error: 'States.Timeout' },
    ]);
    expect(finished).toBe(false);
    await used.clock.sleep(6_000);
    expect(finished).toBe(true);
  });

  it('a time-out can be an expression, can be retried, and starts again with each attempt', async () => {
    let harness: Harness | undefined;
    const state = task('f', {
      TimeoutSeconds: '{% $states.input.limit %}',
      Retry: [retry({ ErrorEquals: ['States.Timeout'] })],
    });
    await using used = new Harness(machine({ A: state }), {
      f: (_payload, call) => (call < 3 ? slow(() => harness as Harness, 60_000)() : 'in time'),
    });
    harness = used;
    const end = await used.run({ limit: 30 });
    expect(end).toMatchObject({ status: 'SUCCEEDED', output: '"in time"' });
    expect((end.stop_date ?? 0) - end.start_date).toBe(30_000 + 1_000 + 30_000 + 2_000);
  });

  it('a time-out does not count the time that a call waits for a thread', async () => {
    let harness: Harness | undefined;
    const invoke: Invoke = async ({ queued }) => {
      const place = harness?.clock.sleep(60_000) ?? Promise.resolve();
      queued?.(place);
      await place;
      await harness?.clock.sleep(4_000);
      return { kind: 'result', payload: 'in time' };
    };
    await using used = new Harness(machine({ A: task('f', { TimeoutSeconds: 5 }) }), {}, { invoke });
    harness = used;
    expect(await used.run()).toMatchObject({ status: 'SUCCEEDED', output: '"in time"' });
  });

  it('a time-out of the machine ends the execution as TIMED_OUT and cannot be caught', async () => {
    let harness: Harness | undefined;
    const branch = graph({ A: task('f') });
    const both = {
      Type: 'Parallel',
      Branches: [branch],
      End: true,
      Catch: [{ ErrorEquals: ['States.ALL'], Next: 'B' }],
    };
    const definition = machine({ P: both, B: { Type: 'Succeed' } }, { TimeoutSeconds: 1_728_000 });
    await using used = new Harness(definition, { f: slow(() => harness as Harness, 2_000_000_000) });
    harness = used;
    const end = await used.run();
    expect(end).toMatchObject({ status: 'TIMED_OUT', error: null, cause: null });
    expect((end.stop_date ?? 0) - end.start_date).toBe(1_728_000_000);
    const last = used.engine.queries.history(end.arn).at(-1);
    expect(last).toMatchObject({
      type: 'ExecutionTimedOut',
      previous_id: 0,
      details: '{"error":"States.Timeout"}',
    });
  });
});
