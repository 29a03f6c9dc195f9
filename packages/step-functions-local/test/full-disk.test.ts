import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Json } from '../src/json.ts';
import { Bench, distributed, machine, task } from './support/harness.ts';

/** What does not fit into the free pages of a small database. */
const large = 'x'.repeat(200_000);

const definitions = {
  task: machine({ A: task('work') }),
  map: machine({ M: distributed({ A: task('work') }, { MaxConcurrency: 2 }) }),
};

describe.each(['task', 'map'] as const)('an engine whose disk is full in a %s', (kind) => {
  let bench: Bench;
  let isFull: boolean;

  beforeEach(() => {
    isFull = true;
    const functions = {
      work: (): Json => {
        if (!isFull) return 'done';
        bench.engine.machine.store.limitPages(1);
        return large;
      },
    };
    bench = new Bench(definitions[kind], functions);
    bench.bucket.add('orders/a', 'orders/b', 'orders/c');
  });
  afterEach(() => bench[Symbol.asyncDispose]());

  const makeRoom = () => {
    isFull = false;
    bench.engine.machine.store.limitPages();
  };
  const cause = () =>
    `no space left in ${bench.directory}: make room, then redrive the executions that stopped`;

  it('says so of what was under way, and goes on with it when there is room', async () => {
    const end = await bench.run();

    expect(end).toMatchObject({ status: 'ABORTED', cause: cause() });
    expect(bench.engine.queries.execution(end.arn)).toMatchObject({ status: 'ABORTED', cause: cause() });

    makeRoom();
    expect(await bench.redrive(end.arn)).toMatchObject({ status: 'SUCCEEDED', redrive_count: 1 });
    const events = bench.details(end.arn, 'ExecutionAborted');
    expect(events).toEqual([{ cause: cause() }]);
  });

  it('starts no other execution until there is room', async () => {
    await bench.run();

    const input = JSON.stringify({ large: 'x'.repeat(250_000) });
    expect(() => bench.engine.startExecution({ input })).toThrow(cause());

    makeRoom();
    expect(await bench.run()).toMatchObject({ status: 'SUCCEEDED' });
  });

  it('that is opened again continues with a redrive', async () => {
    const end = await bench.run();
    isFull = false;
    await bench.reopen();

    expect(await bench.redrive(end.arn)).toMatchObject({ status: 'SUCCEEDED' });
  });
});
