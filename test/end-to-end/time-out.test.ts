import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { World } from './world.ts';

describe('a function that runs out of time', () => {
  let world: World;
  beforeAll(async () => {
    const environment = { DEADLINE_MARGIN_MILLIS: '0' };
    world = await World.start({ overrides: { reconcile: { timeoutSeconds: 2, environment } } });
  });
  afterAll(() => world.stop());

  it('is called again when it was warm, and the run ends as if nothing had happened', async () => {
    const { source, destination } = await world.buckets();
    const request = { src: `s3://${source}`, dest: `s3://${destination}` };
    await world.put(source, 'first');
    expect(await world.run(request)).toMatchObject({ status: 'SUCCEEDED' });
    const hung = world.store.rules.add({
      kind: 'latency',
      operation: 'GetObject',
      key: 'runs/*/plan/reconcile/*',
      milliseconds: 20_000,
      times: 1,
    });
    await world.put(source, 'second');

    const run = await world.run(request);

    hung.remove();
    expect(run).toMatchObject({ status: 'SUCCEEDED', error: '', report: { copied: 1, same: 1 } });
    const failed = world.local.engine.queries.history(run.arn).filter(({ type }) => type === 'TaskFailed');
    expect(failed.map(({ details }) => JSON.parse(details ?? '').error)).toEqual(['Sandbox.Timedout']);
  });
});
