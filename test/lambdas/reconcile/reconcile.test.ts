import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { MapName } from '../../../core/model/batches.ts';
import type { ObjectResult } from '../../../core/model/results.ts';
import { runPaths } from '../../../core/model/run-paths.ts';
import { Deadline } from '../../../core/rules/deadline.ts';
import { PassIndex } from '../../../core/rules/passes.ts';
import type { Run } from '../../../core/run/open-run.ts';
import { ObjectStores } from '../../../core/s3/clients.ts';
import { reconcile } from '../../../lambdas/reconcile/reconcile.ts';
import { Place } from '../../core/copy/store-harness.ts';
import { workBucket } from '../../support/local-store.ts';

const temporary = { status: 'failed', error: 'SlowDown', passing: true } as const;
const permanent = { status: 'failed', error: 'AccessDenied', passing: false } as const;
const copied = { status: 'copied', proof: 'etag' } as const;

describe('Reconcile', () => {
  let place: Place;
  let run: Run;

  beforeAll(async () => {
    place = await Place.open();
    for (const bucket of ['source', 'destination']) await place.bucket(bucket);
  });
  afterAll(() => place.close());
  beforeEach(async () => {
    run = await place.run('destination');
  });

  /** Writes the batches of the first pass, with the results that its functions wrote; `undefined` is no result. */
  async function writePass(
    batches: Partial<Record<MapName, readonly (readonly (Omit<ObjectResult, 'line'> | undefined)[])[]>>,
    inARow = 0,
  ): Promise<void> {
    const { objects = [], multipart = [] } = batches;
    const index: PassIndex = { v: 1, objects: objects.length, multipart: multipart.length, inARow };
    await run.files.write(runPaths.pass(1), index);
    for (const [map, lists] of [['objects', objects] as const, ['multipart', multipart] as const])
      for (const [n, results] of lists.entries()) {
        const name = String(n + 1).padStart(6, '0');
        const lines = results.map((_, line) => {
          const key = `${map}-${n}-${line}`;
          return { line, key, target: key, size: 1, etag: 'e', reason: 'new' };
        });
        await run.files.writeLines(runPaths.batch(1, map, name), lines);
        const known = results.flatMap((result, line) => (result === undefined ? [] : [{ ...result, line }]));
        if (known.length > 0) await run.files.writeLines(runPaths.segment(1, map, name, 'a-1'), known);
      }
  }

  const call = (millis = 600_000) =>
    reconcile(
      { v: 1, run: run.name, pass: 1 },
      { stores: new ObjectStores(), region: 'us-east-1', name: workBucket },
      { requestId: 'request', deadline: new Deadline(millis, 0) },
    );

  /** Keys in the batches of the second pass. */
  async function nextKeys(map: MapName): Promise<Record<string, string[]>> {
    const found: Record<string, string[]> = {};
    for await (const path of run.files.list(runPaths.batches(2, map))) {
      const { text } = (await run.files.text(path)) as { text: string };
      const lines = text.trim().split('\n');
      found[path] = lines.map((line) => (JSON.parse(line) as { key: string }).key);
    }
    return found;
  }

  it('asks for no further pass when every object has a final result', async () => {
    await writePass({ objects: [[copied, permanent]], multipart: [[copied]] });

    expect(await call()).toMatchObject({ done: true, again: false });
    expect(await nextKeys('objects')).toEqual({});
  });

  it('puts objects without a result, and those that failed for a temporary reason, into the next pass', async () => {
    await writePass({
      objects: [[copied, undefined, temporary, permanent], [copied]],
      multipart: [[undefined]],
    });

    expect(await call()).toEqual({ v: 1, done: true, again: true, pass: 2, objects: 1, multipart: 1 });
    expect(await nextKeys('objects')).toEqual({
      [runPaths.batch(2, 'objects', '000001')]: ['objects-0-1', 'objects-0-2'],
    });
    expect(await nextKeys('multipart')).toEqual({
      [runPaths.batch(2, 'multipart', '000001')]: ['multipart-0-0'],
    });
    expect(await run.files.read(runPaths.pass(2), PassIndex)).toMatchObject({ objects: 1, multipart: 1 });
  });

  it('asks for no further pass when the last pass finished nothing', async () => {
    await writePass({ objects: [[temporary, undefined]] });

    expect(await call()).toMatchObject({ done: true, again: false });
  });

  it('asks for no further pass after the sixth in a row', async () => {
    await writePass({ objects: [[copied, temporary]] }, 5);

    expect(await call()).toMatchObject({ done: true, again: false });
  });

  it('gives the same answer when it is called again', async () => {
    await writePass({ objects: [[copied, temporary]] });

    const first = await call();

    expect(await call()).toEqual(first);
  });

  it('copies nothing and is not done when its deadline has passed before the first batch', async () => {
    await writePass({ objects: [[copied, temporary]] });

    expect(await call(0)).toMatchObject({ done: false, again: false });
    expect(await call()).toMatchObject({ done: true, again: true, pass: 2 });
  });

  it('fails when a batch of the pass is gone, instead of counting it as copied', async () => {
    await writePass({ objects: [[copied]] });
    const index: PassIndex = { v: 1, objects: 2, multipart: 0, inARow: 0 };
    await run.files.write(runPaths.pass(1), index);

    await expect(call()).rejects.toThrow('pass 1 has 1 of 2 batches in map objects');
  });
});
