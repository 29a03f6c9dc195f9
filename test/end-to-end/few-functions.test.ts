import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { World } from './world.ts';

/** What a new account may allow. */
const concurrentExecutions = 10;

describe('an account that lets 10 functions run at once', () => {
  let world: World;

  beforeAll(async () => {
    // A twentieth of each longest wait, so that a throttled task tries again after half a second first.
    world = await World.start({ engine: { concurrentExecutions, random: () => 0.05 } });
  });
  afterAll(() => world.stop());

  /** How often a child of the run was throttled. */
  function throttles(arn: string): number {
    const { queries } = world.local.engine;
    const children = queries
      .mapRuns(arn, 10, 0)
      .flatMap(({ arn: mapRunArn }) => queries.executions({ mapRunArn }, 100, 0));
    return children
      .flatMap((child) => queries.history(child.arn))
      .filter(({ type, details }) => type === 'TaskFailed' && details?.includes('TooManyRequestsException'))
      .length;
  }

  it('is enough for a run with the defaults, which waits for its turn and says so', async () => {
    const { source, destination } = await world.buckets();
    for (let n = 1; n <= 4; n += 1) await world.putParts(source, `large-${n}`, 5);
    for (let n = 1; n <= 20; n += 1) await world.put(source, `small-${n}`);
    world.store.rules.add({
      kind: 'latency',
      operation: 'UploadPartCopy',
      bucket: destination,
      milliseconds: 500,
    });

    const ended = await world.run({ src: `s3://${source}`, dest: `s3://${destination}` });

    expect(ended).toMatchObject({
      status: 'SUCCEEDED',
      failures: [],
      report: { outcome: 'done', copied: 24, passes: 1 },
    });
    expect(throttles(ended.arn)).toBeGreaterThan(0);
    expect(await world.content(destination)).toEqual(await world.content(source));
    expect(ended.report?.notes).toContainEqual(
      expect.stringMatching(
        /^`workers: 8` cannot be met: this run uses up to 21 functions at once, and the account allows 10 .* or set `workers: 1`$/,
      ),
    );
  });

  it('is told only to runs that want more', async () => {
    const { source, destination } = await world.buckets();
    await world.put(source, 'small');

    const { report } = await world.run({ src: `s3://${source}`, dest: `s3://${destination}` });

    expect(report?.notes).not.toContainEqual(expect.stringContaining('cannot be met'));
  });
});
