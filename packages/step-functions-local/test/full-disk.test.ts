import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Json } from '../src/json.ts';
import { distributed, Harness, machine, task } from './support/harness.ts';

/** A result that does not fit into the free pages of a small database. */
const large = 'x'.repeat(200_000);

const definitions = {
  task: machine({ A: task('work') }),
  map: machine({ M: distributed({ A: task('work') }, { MaxConcurrency: 2 }) }),
};

describe.each(['task', 'map'] as const)('an engine whose disk is full in a %s', (kind) => {
  let harness: Harness;
  let isFull: boolean;

  beforeEach(() => {
    isFull = true;
    const functions = {
      work: (): Json => {
        if (!isFull) return 'done';
        harness.engine.machine.store.limitPages(1);
        return large;
      },
    };
    harness = new Harness(definitions[kind], functions);
    harness.bucket.add('orders/a', 'orders/b', 'orders/c');
  });
  afterEach(() => harness[Symbol.asyncDispose]());

  const makeRoom = () => {
    isFull = false;
    harness.engine.machine.store.limitPages();
  };
  const cause = () =>
    `no space left in ${harness.directory}: make room, then redrive the executions that stopped`;

  it('a full disk aborts the running execution with a clear cause, and a redrive continues it when there is room', async () => {
    const end = await harness.run();

    expect(end).toMatchObject({ status: 'ABORTED', cause: cause() });
    expect(harness.engine.queries.execution(end.arn)).toMatchObject({ status: 'ABORTED', cause: cause() });

    makeRoom();
    expect(await harness.redrive(end.arn)).toMatchObject({ status: 'SUCCEEDED', redrive_count: 1 });
    const events = harness.details(end.arn, 'ExecutionAborted');
    expect(events).toEqual([{ cause: cause() }]);
  });

  it('an engine whose disk is full starts no other execution until there is room', async () => {
    await harness.run();

    const input = JSON.stringify({ large: 'x'.repeat(250_000) });
    expect(() => harness.engine.startExecution({ input })).toThrow(cause());

    makeRoom();
    expect(await harness.run()).toMatchObject({ status: 'SUCCEEDED' });
  });

  it('an engine whose disk was full can redrive the execution after a restart', async () => {
    const end = await harness.run();
    isFull = false;
    await harness.reopen();

    expect(await harness.redrive(end.arn)).toMatchObject({ status: 'SUCCEEDED' });
  });
});
