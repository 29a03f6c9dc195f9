import { expect, it } from 'vitest';
import { readApplication } from '../../cli/local/synthesis/application.ts';
import { synthesize } from '../../cli/local/synthesis/synthesize.ts';
import {
  type FakeFunction,
  Harness,
  named,
} from '../../packages/step-functions-local/test/support/harness.ts';

const minute = 60_000;
const batches = 16;
const largeObjects = 16;
const groups = 8;

/** Functions that take their time and do nothing, on the machine's own definition in virtual time. */
async function benchOf(concurrentExecutions: number): Promise<Harness & { unfinished(): number }> {
  const { definition, functions, stateMachineName } = await readApplication(await synthesize());
  const done = new Set<string>();
  const lasts = (minutes: number, result: FakeFunction): FakeFunction => {
    return async (payload, call) => {
      await harness.clock.sleep(minutes * minute);
      return result(payload, call);
    };
  };
  const maps = { pass: 1, objects: batches, multipart: largeObjects };
  const finished = (map: string) => (payload: { readonly batch: string }) => {
    done.add(`${map}/${payload.batch}`);
    return { v: 1, remaining: 0 };
  };
  const unfinished = () => batches + largeObjects - done.size;
  const steps: Record<string, FakeFunction> = {
    prepare: () => ({ v: 1, run: 'run', workers: 8 }),
    plan: () => ({ v: 1, done: true, deletes: false, ...maps }),
    // The longest call that Lambda allows.
    'copy-objects': lasts(15, finished('objects') as FakeFunction),
    'open-object': lasts(0.1, () => ({ v: 1, groups, strategy: 'staged' })),
    'make-temp-files': lasts(2, () => ({ v: 1, remaining: 0 })),
    'make-part-files': lasts(1, () => ({ v: 1, remaining: 0 })),
    'finalize-object': lasts(0.1, finished('multipart') as FakeFunction),
    reconcile: () => ({ v: 1, done: true, again: false, ...maps }),
    report: () => {
      if (unfinished() > 0) throw named('ObjectsFailedError', `${unfinished()} batches are not finished`);
      return { v: 1, done: true, again: false, ...maps };
    },
  };
  const byArn = Object.entries(functions).map(([arn, { name }]) => {
    const step = name.slice(stateMachineName.length + 1);
    return [arn, steps[step] ?? (() => ({}))] as const;
  });
  const harness: Harness = new Harness(JSON.parse(definition), Object.fromEntries(byArn), {
    concurrentExecutions,
  });
  for (const [map, count] of [
    ['objects', batches],
    ['multipart', largeObjects],
  ] as const) {
    for (let n = 1; n <= count; n += 1)
      harness.bucket.add(`runs/run/batches/1/${map}/${String(n).padStart(6, '0')}.jsonl`);
  }
  return Object.assign(harness, { unfinished });
}

it('an account with 10 concurrent executions finishes every batch in one pass, with calls of 15 minutes in its way', async () => {
  await using harness = await benchOf(10);

  const end = await harness.run({});

  expect(harness.unfinished()).toBe(0);
  expect(end).toMatchObject({ status: 'SUCCEEDED' });
});
