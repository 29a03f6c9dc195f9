import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import type { Json } from '../src/json.ts';
import { FaultInjector, type FaultRule } from '../src/lambda/faults.ts';
import type { InvokeResponse } from '../src/lambda/invocation.ts';
import { FunctionFolder } from './support/functions.ts';

const folder = new FunctionFolder();
afterAll(() => folder[Symbol.dispose]());
let count = 0;

/** Runs a handler, which writes its start and end to a file, with a fault rule. Returns the responses and the file. */
async function run(
  fault: FaultRule['fault'],
  options: {
    calls?: FaultRule['calls'];
    payload?: Json;
    payloads?: Json[];
    settle?: number;
    work?: number;
  } = {},
) {
  count += 1;
  const notes = join(folder.path, `notes-${count}`);
  const body = `const { appendFileSync } = await import("node:fs"); appendFileSync(process.env.NOTES, "b"); await new Promise((r) => setTimeout(r, ${options.work ?? 100})); appendFileSync(process.env.NOTES, "e"); return event`;
  const settings = folder.add(`f${count}`, body, { environment: { NOTES: notes } });
  const rule: FaultRule = {
    function: 'f',
    fault,
    ...(options.calls !== undefined && { calls: options.calls }),
    ...(options.payload !== undefined && { payload: options.payload }),
  };
  const pool = folder.pool({ f: settings }, [JSON.parse(JSON.stringify(rule)) as FaultRule]);
  const answers: unknown[] = [];
  for (const payload of options.payloads ?? [1])
    answers.push(await pool.invoke({ functionName: 'f', payload }));
  const read = () => (existsSync(notes) ? readFileSync(notes, 'utf8') : '');
  const atOnce = read();
  for (
    let waited = 0;
    waited < 20_000 && options.settle !== undefined && read().length < options.settle;
    waited += 10
  )
    await pause(10);
  await pool.close();
  return { answers, atOnce, after: read() };
}

describe('a fault rule', () => {
  it('a fault rule makes a function die before its work', async () => {
    const { answers, after } = await run({ kind: 'die-before' });
    expect(answers).toMatchObject([{ functionError: { errorType: 'Lambda.Unknown' } }]);
    expect(after).toBe('');
  });

  it('a fault rule makes a function die in the middle of its work', async () => {
    const { answers, after } = await run({ kind: 'die-during', afterMillis: 1_000 }, { work: 30_000 });
    expect(answers).toMatchObject([{ functionError: { errorType: 'Lambda.Unknown' } }]);
    expect(after).toBe('b');
  });

  it('a fault rule loses the response of a function after its work', async () => {
    const { answers, after } = await run({ kind: 'die-after' });
    expect(answers).toMatchObject([{ functionError: { errorType: 'Lambda.Unknown' } }]);
    expect(after).toBe('be');
  });

  it('a fault rule reports a time-out while the function continues', async () => {
    const { answers, atOnce, after } = await run({ kind: 'time-out', afterMillis: 0 }, { settle: 2 });
    expect(answers).toMatchObject([{ functionError: { errorType: 'Sandbox.Timedout' } }]);
    expect(atOnce).not.toContain('e');
    expect(after).toBe('be');
  });

  it('a fault rule runs a function twice at the same time', async () => {
    const { answers, after } = await run({ kind: 'twice' }, { settle: 4 });
    expect(answers).toMatchObject([{ payload: 1 }]);
    expect([...after].sort().join('')).toBe('bbee');
    expect(after.startsWith('bb') || after.startsWith('be')).toBe(true);
  });

  it('a fault rule throttles a function', async () => {
    const { answers, after } = await run({ kind: 'throttle' });
    expect(answers).toMatchObject([{ kind: 'serviceError', error: 'Lambda.TooManyRequestsException' }]);
    expect(after).toBe('');
  });

  it('a fault rule makes a function fail with any error', async () => {
    const { answers } = await run({ kind: 'fail', errorType: 'SlowDownError', errorMessage: 'slow' });
    expect(answers).toMatchObject([{ functionError: { errorType: 'SlowDownError', errorMessage: 'slow' } }]);
  });

  it('a fault rule delays a function', async () => {
    const { answers } = await run({ kind: 'delay', millis: 1 });
    expect(answers).toMatchObject([{ payload: 1 }]);
  });

  it.each([
    { calls: undefined, broken: [true, false, false], why: 'the first call by default' },
    { calls: 2, broken: [false, true, false], why: 'one call' },
    { calls: { from: 2, to: 3 }, broken: [false, true, true], why: 'a range of calls' },
    { calls: 'all' as const, broken: [true, true, true], why: 'all calls' },
  ])('a fault rule breaks $why', async ({ calls, broken }) => {
    const { answers } = await run({ kind: 'throttle' }, { calls, payloads: [1, 2, 3] });
    expect(answers.map((answer) => (answer as InvokeResponse).kind === 'serviceError')).toEqual(broken);
  });

  it('a fault rule counts and breaks only calls with a matching payload', async () => {
    const payloads = [
      { order: { name: 'a', n: 1 } },
      { order: { name: 'b', n: 1 } },
      { order: { name: 'b', n: 2 } },
    ];
    const { answers } = await run(
      { kind: 'throttle' },
      { calls: 2, payload: { order: { name: 'b' } }, payloads },
    );
    expect(answers.map((answer) => (answer as InvokeResponse).kind === 'serviceError')).toEqual([
      false,
      false,
      true,
    ]);
  });

  it('onFault is called for each invocation that a rule breaks, and for no other', () => {
    const broken: FaultRule[] = [];
    const rule: FaultRule = { function: 'f', calls: { from: 2, to: 3 }, fault: { kind: 'throttle' } };
    const injector = new FaultInjector([rule], (each) => broken.push(each));
    for (let call = 1; call <= 4; call += 1) injector.plan('f', { functionName: 'f', payload: {} });
    expect(broken).toEqual([rule, rule]);
  });
});
