import { describe, expect, it } from 'vitest';
import { graph, Harness, machine, named, task } from './support/harness.ts';

const map = (inner: Readonly<Record<string, object>>, more: object = {}) => ({
  Type: 'Map',
  Items: '{% $states.input.items %}',
  ItemProcessor: { ...graph(inner), ProcessorConfig: { Mode: 'INLINE' } },
  ...('Next' in more ? {} : { End: true }),
  ...more,
});
const parallel = (branches: Readonly<Record<string, object>>[], more: object = {}) => ({
  Type: 'Parallel',
  Branches: branches.map(graph),
  ...('Next' in more ? {} : { End: true }),
  ...more,
});

// https://docs.aws.amazon.com/step-functions/latest/dg/state-map-inline.html (read 2026-11-22)
describe('an inline map', () => {
  it('an inline map returns the outputs in the order of its items, whatever the order of their ends', async () => {
    let harness: Harness | undefined;
    const f = async (n: number) => {
      await harness?.clock.sleep(100 - n);
      return n * 10;
    };
    await using used = new Harness(machine({ M: map({ I: task('f') }) }), { f });
    harness = used;
    expect((await used.run({ items: [1, 2, 3] })).output).toBe('[10,20,30]');
  });

  it('the context object of an inline map has the item only in its ItemSelector', async () => {
    const selector = {
      index: '{% $states.context.Map.Item.Index %}',
      value: '{% $states.context.Map.Item.Value %}',
      outer: '{% $x %}',
    };
    const states = {
      A: { Type: 'Pass', Next: 'M', Assign: { x: 'o' } },
      M: map(
        { I: { Type: 'Pass', End: true, Output: '{% [$states.input, $exists($states.context.Map)] %}' } },
        { ItemSelector: selector },
      ),
    };
    await using harness = new Harness(machine(states));
    expect((await harness.run({ items: ['a'] })).output).toBe(
      '[[{"index":0,"value":"a","outer":"o"},false]]',
    );
  });

  it('an inline map without items returns an empty list', async () => {
    await using harness = new Harness(machine({ M: map({ I: task('f') }) }));
    expect((await harness.run({ items: [] })).output).toBe('[]');
  });

  it('an inline map fails when its items are not an array', async () => {
    await using harness = new Harness(machine({ M: map({ I: task('f') }) }));
    expect(await harness.run({ items: 1 })).toMatchObject({ error: 'States.QueryEvaluationError' });
  });

  // https://docs.aws.amazon.com/step-functions/latest/dg/state-map-inline.html (read 2026-11-22)
  it.each([
    { concurrency: 3, atOnce: 3, why: 'MaxConcurrency iterations' },
    {
      concurrency: '{% $states.input.limit %}',
      atOnce: 7,
      why: 'as many iterations as an expression returns',
    },
    { concurrency: 0, atOnce: 40, why: '40 iterations without a limit' },
    { concurrency: 100, atOnce: 40, why: '40 iterations when MaxConcurrency is larger' },
  ])('an inline map runs $why at the same time', async ({ concurrency, atOnce }) => {
    let running = 0;
    let most = 0;
    let harness: Harness | undefined;
    const f = async () => {
      running += 1;
      most = Math.max(most, running);
      await harness?.clock.sleep(10);
      running -= 1;
      return null;
    };
    await using used = new Harness(machine({ M: map({ I: task('f') }, { MaxConcurrency: concurrency }) }), {
      f,
    });
    harness = used;
    await used.run({ items: Array.from({ length: 100 }, (_, n) => n), limit: 7 });
    expect(most).toBe(atOnce);
    expect(used.functions.calls).toHaveLength(100);
  });

  it('an inline map stops the other iterations and starts no more when one fails, with the events that AWS records', async () => {
    let harness: Harness | undefined;
    const f = async (n: number) => {
      await harness?.clock.sleep(n === 0 ? 10 : 1_000);
      if (n === 0) throw named('Mine');
      return n;
    };
    await using used = new Harness(machine({ M: map({ I: task('f') }, { MaxConcurrency: 3 }) }), { f });
    harness = used;
    const end = await used.run({ items: [0, 1, 2, 3, 4] });
    expect(end).toMatchObject({ status: 'FAILED', error: 'Mine' });
    expect(used.functions.calls).toHaveLength(3);
    // As recorded from AWS for four tasks that time out: https://github.com/localstack/localstack/blob/master/tests/aws/services/stepfunctions/v2/timeouts/test_timeouts.snapshot.json
    const history = used.engine.queries.history(end.arn);
    const failed = history.find(({ type }) => type === 'TaskFailed')?.id;
    const after = history
      .filter(({ id }) => id > (failed ?? 0))
      .map(({ type, previous_id }) => [type, previous_id === failed]);
    expect(after).toEqual([
      ['MapIterationFailed', true],
      ['TaskStateAborted', true],
      ['MapIterationAborted', true],
      ['TaskStateAborted', true],
      ['MapIterationAborted', true],
      ['TaskStateAborted', true],
      ['MapStateFailed', true],
      ['ExecutionFailed', false],
    ]);
  });

  // https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html (read 2026-11-22)
  it('an inline map can be retried and caught as a whole, and a retry runs all iterations again', async () => {
    const state = map(
      { I: task('f') },
      {
        Retry: [{ ErrorEquals: ['Mine'], MaxAttempts: 1 }],
        Catch: [{ ErrorEquals: ['Mine'], Next: 'Caught' }],
      },
    );
    await using harness = new Harness(machine({ M: state, Caught: { Type: 'Succeed', Output: 'caught' } }), {
      f: (n: number) => {
        if (n === 2) throw named('Mine');
        return n;
      },
    });
    expect((await harness.run({ items: [1, 2] })).output).toBe('"caught"');
    expect(harness.functions.payloads('f')).toEqual([1, 2, 1, 2]);
  });

  // https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html (read 2026-11-22)
  it('variables of an iteration are not visible outside it', async () => {
    const inner = {
      I: { Type: 'Pass', Next: 'J', Assign: { mine: '{% $states.input %}' } },
      J: { Type: 'Pass', End: true, Output: '{% $mine %}' },
    };
    const states = {
      M: map(inner, { Next: 'Z' }),
      Z: { Type: 'Pass', End: true, Output: { all: '{% $states.input %}', mine: '{% $exists($mine) %}' } },
    };
    await using harness = new Harness(machine(states));
    expect((await harness.run({ items: [1, 2] })).output).toBe('{"all":[1,2],"mine":false}');
  });
});

// https://docs.aws.amazon.com/step-functions/latest/dg/state-parallel.html (read 2026-11-22)
describe('a parallel', () => {
  it('a Parallel passes its input to each branch and returns the outputs in the order of the branches', async () => {
    const states = {
      P: parallel([
        { A: { Type: 'Pass', End: true, Output: "{% 'a' & $states.input %}" } },
        { B: { Type: 'Pass', End: true } },
      ]),
    };
    await using harness = new Harness(machine(states));
    const end = await harness.run('x');
    expect(end.output).toBe('["ax","x"]');
    const history = harness.engine.queries.history(end.arn);
    const at = (type: string) => history.find((event) => event.type === type);
    expect(at('ParallelStateSucceeded')?.previous_id).toBe(at('ParallelStateExited')?.previous_id);
  });

  it('a Parallel fails with the error of the first branch that fails, and stops the others', async () => {
    let harness: Harness | undefined;
    const f = async () => {
      await harness?.clock.sleep(5);
      throw named('Mine');
    };
    const waiting = { W: { Type: 'Wait', Seconds: 3_600, End: true } };
    const states = {
      P: parallel([
        { A: task('f') },
        waiting,
        { M: map({ W2: { Type: 'Wait', Seconds: 3_600, End: true } }, { Items: [1] }) },
      ]),
    };
    await using used = new Harness(machine(states), { f });
    harness = used;
    const end = await used.run();
    expect(end).toMatchObject({ status: 'FAILED', error: 'Mine' });
    expect((end.stop_date ?? 0) - end.start_date).toBe(5);
    const events = used.events(end.arn);
    const aborted = [
      'WaitStateAborted',
      'WaitStateAborted',
      'MapIterationAborted',
      'MapStateAborted',
      'TaskStateAborted',
      'ParallelStateFailed',
      'ExecutionFailed',
    ];
    expect(events.slice(events.indexOf('TaskFailed') + 1)).toEqual(aborted);
  });

  it('a catcher of a Parallel continues after the other branches were stopped', async () => {
    const states = {
      P: parallel([{ A: task('f') }, { W: { Type: 'Wait', Seconds: 3_600, End: true } }], {
        Catch: [{ ErrorEquals: ['States.ALL'], Next: 'C', Output: '{% $states.errorOutput.Error %}' }],
      }),
      C: { Type: 'Succeed' },
    };
    await using harness = new Harness(machine(states), {
      f: () => {
        throw named('Mine');
      },
    });
    expect((await harness.run()).output).toBe('"Mine"');
  });
});
