import { describe, expect, it } from 'vitest';
import { StateError } from '../src/errors.ts';
import { matches, Retries } from '../src/interpreter/handlers.ts';
import type { Invoke } from '../src/lambda/invocation.ts';
import { Bench, graph, machine, named, task } from './support/harness.ts';

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
  ])('matches $why ($names, $error: $match)', ({ names, error, match }) => {
    expect(matches(names, error)).toBe(match);
  });
});

// https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html#error-handling-retrying-after-an-error (read 2026-11-22)
describe('a retrier', () => {
  it('waits longer each time, as often as MaxAttempts says', () => {
    expect(delays([retry({})], 4)).toEqual([1_000, 2_000, 4_000, undefined]);
  });

  it('waits no longer than MaxDelaySeconds', () => {
    expect(delays([retry({ MaxDelaySeconds: 3, MaxAttempts: 4 })], 4)).toEqual([1_000, 2_000, 3_000, 3_000]);
  });

  it('waits any time up to that with full jitter', () => {
    expect(delays([retry({ JitterStrategy: 'FULL' })], 3, () => 0.25)).toEqual([250, 500, 1_000]);
  });

  it('never retries with MaxAttempts 0', () => {
    expect(delays([retry({ MaxAttempts: 0 })], 1)).toEqual([undefined]);
  });

  it('decides alone when it is the first that matches, even when it is used up', () => {
    expect(delays([retry({ MaxAttempts: 1 }), retry({ ErrorEquals: ['States.ALL'] })], 2)).toEqual([
      1_000,
      undefined,
    ]);
  });

  it('counts apart from the others', () => {
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
  it('is retried after its delays, each try scheduled anew, and knows which try it is', async () => {
    const state = task('f', {
      Retry: [retry({})],
      Arguments: { FunctionName: 'f', Payload: '{% $states.context.State.RetryCount %}' },
    });
    await using bench = new Bench(machine({ A: state }), {
      f: (_payload, call) => {
        if (call < 3) throw named('Mine');
        return 'done';
      },
    });
    const end = await bench.run();
    expect(end).toMatchObject({ status: 'SUCCEEDED', output: '"done"' });
    expect(bench.functions.payloads('f')).toEqual([0, 1, 2]);
    expect((end.stop_date ?? 0) - end.start_date).toBe(3_000);
    const attempt = ['TaskScheduled', 'TaskStarted', 'TaskFailed'];
    expect(bench.events(end.arn)).toEqual([
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

  it('gives a catcher its error and cause, and the catcher goes on with its own output and variables', async () => {
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
    await using bench = new Bench(definition, {
      f: () => {
        throw named('Mine', 'no luck');
      },
    });
    expect(await bench.run()).toMatchObject({ status: 'SUCCEEDED', output: '["Mine","no luck"]' });
  });

  it('hands Error and Cause to the next state when a catcher has no output', async () => {
    const definition = machine({
      A: task('f', { Catch: [{ ErrorEquals: ['States.ALL'], Next: 'B' }] }),
      B: { Type: 'Succeed' },
    });
    await using bench = new Bench(definition, {
      f: () => {
        throw named('Lambda.TooManyRequestsException', 'Rate Exceeded.');
      },
    });
    expect((await bench.run()).output).toBe(
      '{"Error":"Lambda.TooManyRequestsException","Cause":"Rate Exceeded."}',
    );
  });

  it('is caught only after its retries are used up', async () => {
    const state = task('f', {
      Retry: [retry({ MaxAttempts: 2 })],
      Catch: [{ ErrorEquals: ['Mine'], Next: 'B' }],
    });
    await using bench = new Bench(machine({ A: state, B: { Type: 'Succeed' } }), {
      f: () => {
        throw named('Mine');
      },
    });
    expect(await bench.run()).toMatchObject({ status: 'SUCCEEDED' });
    expect(bench.functions.calls).toHaveLength(3);
  });

  it('counts its retries anew each time a loop enters it', async () => {
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
    await using bench = new Bench(definition, {
      f: (_payload, call) => {
        if (call % 2 === 1) throw named('Mine');
        rounds += 1;
        return rounds;
      },
    });
    expect(await bench.run()).toMatchObject({ status: 'SUCCEEDED' });
    expect(bench.functions.calls).toHaveLength(6);
  });

  it('fails the execution with the cause that Lambda gives: type, message and trace as JSON', async () => {
    await using bench = new Bench(machine({ A: task('f') }), {
      f: () => {
        throw named('ObjectsFailedError', '3 objects failed');
      },
    });
    const end = await bench.run();
    expect(end).toMatchObject({ status: 'FAILED', error: 'ObjectsFailedError' });
    expect(JSON.parse(end.cause ?? '')).toEqual({
      errorType: 'ObjectsFailedError',
      errorMessage: '3 objects failed',
    });
  });

  it('is caught when its Output has no value', async () => {
    const state = task('f', {
      Output: '{% $states.result.Payload.none %}',
      Catch: [{ ErrorEquals: ['States.QueryEvaluationError'], Next: 'B' }],
    });
    await using bench = new Bench(machine({ A: state, B: { Type: 'Succeed', Output: 'caught' } }), {
      f: () => ({}),
    });
    expect((await bench.run()).output).toBe('"caught"');
  });
});

// https://docs.aws.amazon.com/step-functions/latest/dg/state-task.html (read 2026-11-22)
describe('a time-out', () => {
  const slow = (bench: () => Bench, millis: number) => async () => {
    await bench().clock.sleep(millis);
    return 'late';
  };

  it('fails a task with States.Timeout, without a cause, while its function runs on', async () => {
    let bench: Bench | undefined;
    let finished = false;
    const f = async () => {
      await slow(() => bench as Bench, 10_000)();
      finished = true;
      return null;
    };
    await using used = new Bench(machine({ A: task('f', { TimeoutSeconds: 5 }) }), { f });
    bench = used;
    const end = await used.run();
    expect(end).toMatchObject({ status: 'FAILED', error: 'States.Timeout', cause: null });
    expect(used.details(end.arn, 'TaskTimedOut')).toEqual([
      { resourceType: 'lambda', resource: 'invoke', error: 'States.Timeout' },
    ]);
    expect(finished).toBe(false);
    await used.clock.sleep(6_000);
    expect(finished).toBe(true);
  });

  it('may be a JSONata expression, may be retried and starts anew with each try', async () => {
    let bench: Bench | undefined;
    const state = task('f', {
      TimeoutSeconds: '{% $states.input.limit %}',
      Retry: [retry({ ErrorEquals: ['States.Timeout'] })],
    });
    await using used = new Bench(machine({ A: state }), {
      f: (_payload, call) => (call < 3 ? slow(() => bench as Bench, 60_000)() : 'in time'),
    });
    bench = used;
    const end = await used.run({ limit: 30 });
    expect(end).toMatchObject({ status: 'SUCCEEDED', output: '"in time"' });
    expect((end.stop_date ?? 0) - end.start_date).toBe(30_000 + 1_000 + 30_000 + 2_000);
  });

  it('does not count the time that a call waits for a place to run on this machine', async () => {
    let bench: Bench | undefined;
    const invoke: Invoke = async ({ queued }) => {
      const place = bench?.clock.sleep(60_000) ?? Promise.resolve();
      queued?.(place);
      await place;
      await bench?.clock.sleep(4_000);
      return { payload: 'in time' };
    };
    await using used = new Bench(machine({ A: task('f', { TimeoutSeconds: 5 }) }), {}, { invoke });
    bench = used;
    expect(await used.run()).toMatchObject({ status: 'SUCCEEDED', output: '"in time"' });
  });

  it('of the machine ends the execution as TIMED_OUT, which nothing catches', async () => {
    let bench: Bench | undefined;
    const branch = graph({ A: task('f') });
    const both = {
      Type: 'Parallel',
      Branches: [branch],
      End: true,
      Catch: [{ ErrorEquals: ['States.ALL'], Next: 'B' }],
    };
    const definition = machine({ P: both, B: { Type: 'Succeed' } }, { TimeoutSeconds: 1_728_000 });
    await using used = new Bench(definition, { f: slow(() => bench as Bench, 2_000_000_000) });
    bench = used;
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
