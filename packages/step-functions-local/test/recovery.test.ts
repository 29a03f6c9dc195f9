import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createEngine, type Engine } from '../src/engine.ts';
import { distributed, graph, Harness, machine, machineArn, task } from './support/harness.ts';
import { killableEngine, killableRun } from './support/killable.ts';

const definition = machine({
  Plan: task('f', { Next: 'More?', Assign: { n: '{% $exists($n) ? $n + 1 : 1 %}' } }),
  'More?': { Type: 'Choice', Choices: [{ Condition: '{% $n < 2 %}', Next: 'Plan' }], Default: 'Both' },
  Both: {
    Type: 'Parallel',
    Next: 'Report',
    Branches: [
      graph({
        Orders: distributed(
          {
            Copy: task('f', { Next: 'Parts', Output: '{% $states.input %}' }),
            Parts: {
              Type: 'Map',
              End: true,
              Items: '{% [1..2] %}',
              ItemProcessor: graph({ Part: task('f') }),
            },
          },
          { MaxConcurrency: 2 },
        ),
      }),
      graph({ Pause: { Type: 'Wait', Seconds: 1, Next: 'Other' }, Other: task('f') }),
    ],
  },
  Report: task('f'),
});
const finalOutput = JSON.stringify([
  [
    [1, 2],
    [1, 2],
    [1, 2],
  ],
  { start: true },
]);

/** Runs the machine once and copies its folder after every event, as `kill -9` would leave it at that moment. */
async function snapshots(): Promise<{ root: string; arn: string; folders: string[]; harness: Harness }> {
  const harness = new Harness(definition, { f: (payload) => payload });
  harness.bucket.add('orders/a', 'orders/b', 'orders/c');
  const root = mkdtempSync(join(tmpdir(), 's3copy-killed-'));
  const folders: string[] = [];
  const { events } = harness.engine.machine.store;
  const insert = events.insert.bind(events);
  events.insert = (...args) => {
    insert(...args);
    const folder = join(root, String(folders.length));
    cpSync(harness.directory, folder, { recursive: true });
    folders.push(folder);
  };
  const { arn, status } = await harness.run({ start: true });
  expect(status).toBe('SUCCEEDED');
  return { root, arn, folders, harness };
}

describe('an engine that was killed', () => {
  it('an engine killed at any event ends the execution as ABORTED at its next start, and a redrive comes to the same end', async () => {
    const { root, arn, folders, harness } = await snapshots();
    await using used = harness;
    expect(folders.length).toBeGreaterThan(80);
    for (const [index, dataDirectory] of folders.entries()) {
      const { clock, functions, bucket } = used;
      const engine = createEngine({
        dataDirectory,
        definition,
        stateMachineArn: machineArn,
        clock,
        invoke: functions.invoke,
        itemSource: bucket,
        resultSink: bucket,
      });
      const found = engine.queries.executions({}, 1, 0)[0];
      if (index > 0) expect(found).toMatchObject({ status: 'ABORTED', cause: 'engine stopped' });
      if (found) {
        expect(engine.queries.history(arn).at(-1)?.type).toBe('ExecutionAborted');
        await engine.redriveExecution({ arn });
        expect(await engine.waitFor(arn), `killed at event ${index}`).toMatchObject({
          status: 'SUCCEEDED',
          output: finalOutput,
        });
        checkHistory(engine, arn);
      }
      await engine.close();
    }
    rmSync(root, { recursive: true });
  });

  it('after kill -9 a redrive finishes the execution without repeating tasks that succeeded', async () => {
    const directory = mkdtempSync(join(tmpdir(), 's3copy-kill9-'));
    const script = new URL('./support/killable.ts', import.meta.url);
    const child = spawn(process.execPath, [script.pathname, directory], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const done: string[] = [];
    child.stdout.on('data', (chunk: Buffer) => {
      done.push(...chunk.toString().trim().split('\n'));
      if (done.length >= 6) child.kill('SIGKILL');
    });
    await once(child, 'exit');
    const calls: string[] = [];
    const engine = killableEngine(directory, (name) => calls.push(name));
    const { arn, status } = engine.queries.executions({}, 1, 0)[0] ?? { arn: '', status: '' };
    expect(status).toBe('ABORTED');
    await engine.redriveExecution({ arn });
    expect(await engine.waitFor(arn)).toMatchObject({ status: 'SUCCEEDED', output: killableRun.output });
    const repeated = calls.filter((name) => done.includes(name));
    expect(repeated.length).toBeLessThanOrEqual(killableRun.concurrency); // those whose end was not stored yet
    expect(new Set([...done, ...calls]).size).toBe(killableRun.items);
    await engine.close();
    rmSync(directory, { recursive: true });
  });
});

/** Checks that ids count from 1 without a gap and that each event follows an earlier one. */
function checkHistory(engine: Engine, arn: string): void {
  const history = engine.queries.history(arn);
  expect(history.map(({ id }) => id)).toEqual(history.map((_, index) => index + 1));
  expect(history.every(({ id, previous_id }) => previous_id < id)).toBe(true);
}
