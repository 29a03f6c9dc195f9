import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import type { Json } from '../src/json.ts';
import type { InvokeResponse } from '../src/lambda/invocation.ts';
import type { LambdaPool } from '../src/lambda/pool.ts';
import { FunctionFolder } from './support/functions.ts';

const folder = new FunctionFolder();
const functionArn = 'arn:aws:lambda:eu-west-1:123456789012:function:echo';
const pool = folder.pool({
  [functionArn]: folder.add(
    'echo',
    'return { event, env: { ...process.env }, context, left: context.getRemainingTimeInMillis(), thread: (await import("node:worker_threads")).threadId }',
    {
      environment: { TABLE: 'orders' },
    },
  ),
  throws: folder.add(
    'throws',
    'throw Object.assign(new Error("three failed"), { name: "ObjectsFailedError" })',
  ),
  silent: folder.add('silent', ''),
  exits: folder.add('exits', 'process.exit(3)'),
  rejects: folder.add(
    'rejects',
    'Promise.reject(new Error("not handled")); await new Promise((resolve) => setTimeout(resolve, 5_000))',
  ),
  loops: folder.add('loops', 'for (;;);', { timeoutSeconds: 1 }),
  waits: folder.add(
    'waits',
    'if (event.long) await new Promise(() => setTimeout(() => undefined, 60_000)); return "soon"',
    { timeoutSeconds: 1 },
  ),
  hungry: folder.add('hungry', 'const all = []; for (;;) all.push(new Array(100_000).fill(all.length))', {
    memoryMiB: 32,
  }),
  broken: folder.add('broken', '', { before: 'throw new TypeError("bad module");' }),
  slow: folder.add('slow', 'return context.getRemainingTimeInMillis()', {
    before: 'await new Promise((resolve) => setTimeout(resolve, 1_500));',
    timeoutSeconds: 1,
  }),
  chatty: folder.add(
    'chatty',
    'console.log(JSON.stringify({ message: "copied" })); console.error("trouble"); return null',
  ),
  gone: { ...folder.add('gone', ''), handler: 'other.handler' },
});
afterAll(async () => {
  await pool.close();
  folder[Symbol.dispose]();
});

const call = (functionName: string, payload: Json = {}) => pool.invoke({ functionName, payload });
type Echo = InvokeResponse & {
  payload: {
    event: Json;
    env: Record<string, string>;
    context: Record<string, unknown>;
    left: number;
    thread: number;
  };
};

/** Waits until the log of a function contains a text, and returns the log. */
async function logged(functionName: string, text: string): Promise<string> {
  const file = join(folder.path, 'logs', `${functionName}.log`);
  while (!existsSync(file) || !readFileSync(file, 'utf8').includes(text)) await pause(5);
  return readFileSync(file, 'utf8');
}

describe('a function in the pool', () => {
  it('a function gets its event, its own environment and a context like that of Lambda', async () => {
    const { payload } = (await call(functionArn, { a: 'ü' })) as Echo;
    expect(payload.event).toEqual({ a: 'ü' });
    expect(payload.env).toMatchObject({
      TABLE: 'orders',
      AWS_LAMBDA_FUNCTION_NAME: 'echo',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
    });
    expect(payload.env).not.toHaveProperty('HOME');
    expect(payload.context).toMatchObject({
      functionName: 'echo',
      invokedFunctionArn: functionArn,
      memoryLimitInMB: '256',
      logGroupName: '/aws/lambda/echo',
      awsRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(payload.left).toBeGreaterThan(0);
    expect(payload.left).toBeLessThanOrEqual(30_000);
  });

  it('a function is found by its name, its ARN and a qualified ARN', async () => {
    for (const name of ['echo', functionArn, `${functionArn}:live`])
      expect(await call(name)).toHaveProperty('payload');
  });

  it('the next invocation uses the same thread, and a simultaneous one gets another thread', async () => {
    const first = ((await call('echo')) as Echo).payload.thread;
    expect(((await call('echo')) as Echo).payload.thread).toBe(first);
    const both = (await Promise.all([call('echo'), call('echo')])) as Echo[];
    expect(new Set(both.map(({ payload }) => payload.thread)).size).toBe(2);
  });

  it('a function whose handler returns nothing answers null', async () => {
    expect(await call('silent')).toMatchObject({ payload: null });
  });

  it('a function reports an error with its name, message and trace', async () => {
    expect(await call('throws')).toEqual({
      kind: 'functionError',
      functionError: {
        errorType: 'ObjectsFailedError',
        errorMessage: 'three failed',
        trace: expect.arrayContaining([expect.stringContaining('ObjectsFailedError')]),
      },
    });
  });

  it.each([
    { name: 'exits', errorType: 'Runtime.ExitError', message: 'exit status 3', why: 'exits the process' },
    {
      name: 'rejects',
      errorType: 'Runtime.UnhandledPromiseRejection',
      message: 'not handled',
      why: 'leaves a rejection unhandled',
    },
    {
      name: 'loops',
      errorType: 'Sandbox.Timedout',
      message: 'Task timed out after 1.00 seconds',
      why: 'blocks its thread',
    },
    {
      name: 'hungry',
      errorType: 'Runtime.ExitError',
      message: 'signal: killed',
      why: 'uses more memory than it has',
    },
    { name: 'broken', errorType: 'TypeError', message: 'bad module', why: 'cannot be loaded' },
    {
      name: 'gone',
      errorType: 'Runtime.ImportModuleError',
      message: "Cannot find module 'other'",
      why: 'has no file of that name',
    },
  ])('a function fails with $errorType when it $why', async ({ name, errorType, message }) => {
    expect(await call(name)).toMatchObject({
      functionError: { errorType, errorMessage: expect.stringContaining(message) },
    });
  });

  it('a time-out ends only the thread of its invocation, and the next invocation gets a new one', async () => {
    const [long, soon] = await Promise.all([call('waits', { long: true }), call('waits')]);
    expect(long).toMatchObject({ functionError: { errorType: 'Sandbox.Timedout' } });
    expect(soon).toMatchObject({ payload: 'soon' });
    expect(await call('waits')).toMatchObject({ payload: 'soon' });
  });

  it('the time for loading a function does not count toward its time-out', async () => {
    expect(await call('slow')).toHaveProperty('payload');
  });

  it('a function writes its logs only to its own file', async () => {
    await call('chatty');
    expect(await logged('chatty', 'trouble')).toContain('{"message":"copied"}');
  });

  it('invoking a function that does not exist is an error of the service', async () => {
    expect(await call('nobody')).toMatchObject({
      kind: 'serviceError',
      error: 'Lambda.ResourceNotFoundException',
    });
  });
});

describe('threads of a pool', () => {
  const threads = async (small: LambdaPool, calls: number) => {
    const answers = await Promise.all(
      Array.from({ length: calls }, () => small.invoke({ functionName: 'id', payload: {} })),
    );
    return new Set(
      answers
        .map((answer) => JSON.stringify(answer))
        .map((text) => (JSON.parse(text) as { payload: number }).payload),
    );
  };
  const id = 'return (await import("node:worker_threads")).threadId';

  it('a pool has at most maxThreads threads, and more invocations wait', async () => {
    const small = folder.pool({ id: folder.add('id', id) }, [], { maxThreads: 2 });
    expect((await threads(small, 7)).size).toBe(2);
    await small.close();
  });

  it('a waiting call is informed when it gets a thread', async () => {
    const small = folder.pool({ queue: folder.add('queue', 'return null') }, [], { maxThreads: 1 });
    const order: string[] = [];
    const calls = ['first', 'second'].map(async (name) => {
      const queued = (started: Promise<void>) => void started.then(() => order.push(`${name} starts`));
      await small.invoke({ functionName: 'queue', payload: {}, queued });
      order.push(`${name} ends`);
    });
    await Promise.all(calls);
    expect(order.indexOf('second starts')).toBeGreaterThan(order.indexOf('first starts'));
    expect(order.filter((each) => each.endsWith('starts'))).toHaveLength(2);
    await small.close();
  });

  it('closing a pool ends its threads, and waiting calls never start', async () => {
    const starts = join(folder.path, 'starts');
    const body = `(await import("node:fs")).appendFileSync(${JSON.stringify(starts)}, "x"); await new Promise(() => setTimeout(() => undefined, 60_000))`;
    const small = folder.pool({ hangs: folder.add('hangs', body) }, [], { maxThreads: 1 });
    const calls = Array.from({ length: 3 }, () => small.invoke({ functionName: 'hangs', payload: {} }));
    while (!existsSync(starts)) await pause(5);

    await small.close();

    const ended = await Promise.all(calls);
    expect(ended.map((each) => each.kind === 'functionError' && each.functionError.errorType)).toEqual([
      'Runtime.ExitError',
      'Lambda.Unknown',
      'Lambda.Unknown',
    ]);
    expect(await small.invoke({ functionName: 'hangs', payload: {} })).toMatchObject({
      functionError: { errorType: 'Lambda.Unknown' },
    });
    expect(readFileSync(starts, 'utf8')).toBe('x');
  });

  it('a thread ends after idleMillis without an invocation', async () => {
    const small = folder.pool({ id: folder.add('id2', id) }, [], { idleMillis: 1 });
    const [first] = await threads(small, 1);
    let next = first;
    for (let tries = 0; tries < 100 && next === first; tries += 1) {
      await pause(20);
      [next] = await threads(small, 1);
    }
    expect(next).not.toBe(first);
    await small.close();
  });

  it('threads can be started before the first invocation', async () => {
    const before = 'globalThis.loadedAt = Date.now(); console.log("loaded");';
    const small = folder.pool({ id3: folder.add('id3', 'return globalThis.loadedAt', { before }) });
    small.warm(['id3']);
    await logged('id3', 'loaded');
    const asked = Date.now();
    const answer = (await small.invoke({ functionName: 'id3', payload: {} })) as { payload: number };
    expect(answer.payload).toBeLessThanOrEqual(asked);
    await small.close();
  });
});
