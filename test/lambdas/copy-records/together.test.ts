import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { copyRecordNotes, type Ends, Runs } from './runs.ts';

let runs: Runs;
beforeAll(async () => {
  runs = await Runs.start();
});
afterAll(() => runs.stop());
afterEach(() => runs.store.rules.clear());

const work = 'work-bucket';
const listsAlone = { ListObjectsV2: 2 };

async function ends(...keys: readonly string[]): Promise<Ends> {
  const both = await runs.ends({ isKms: true });
  for (const key of keys) await runs.put(both.source, key);
  return both;
}

/** Writes of the index of all copy records. */
const index = { operation: 'PutObject', bucket: work, key: 'copy-records/*/index.json' } as const;

describe('two runs of the same ends at once', () => {
  it('both keep what they have proven', async () => {
    const both = await ends('a', 'b');
    const [one, two] = [
      await runs.begin({ ...both.request, files: ['a'] }),
      await runs.begin({ ...both.request, files: ['b'] }),
    ];
    for (const run of [one, two]) await run.plan();
    for (const run of [one, two]) await run.copy();
    // The other one comes between this one's files and its index.
    const hook = runs.store.rules.hook({ ...index, times: 1 }, async () => {
      hook.remove();
      await two.report();
    });
    expect(copyRecordNotes(await one.report())).toEqual([]);
    expect(await runs.copyRecords(both)).toEqual(['a', 'b']);
    expect(await runs.unnamed(both)).toEqual([]);
    expect((await runs.counted(both)).requests).toEqual(listsAlone);
  });

  it('leave it to the next run when others are always first', async () => {
    const both = await ends('a');
    const run = await runs.begin(both.request);
    await run.plan();
    await run.copy();
    runs.store.rules.add({ kind: 'fail', code: 'PreconditionFailed', ...index });
    const report = await run.report();
    expect(report).toMatchObject({ outcome: 'done', copied: 1 });
    expect(copyRecordNotes(report)[0]).toContain('other runs of the same ends');
    expect(await runs.copyRecordKeys(both)).toEqual({ index: '', files: [] });
  });

  it('read what is there when the files that they began to read are replaced', async () => {
    const both = await ends('a', 'b', 'c');
    await runs.run(both.request);
    await runs.put(both.source, 'd');
    const other = await runs.begin({ ...both.request, files: ['d'] });
    await other.plan();
    await other.copy();
    const hook = runs.store.rules.hook(
      { operation: 'GetObject', bucket: work, key: 'copy-records/*.jsonl' },
      async () => {
        hook.remove();
        await other.report();
      },
    );
    const { report, requests } = await runs.counted(both);
    expect(report.reasons.same).toMatchObject({ 'copy-record': { objects: 4 } });
    expect(copyRecordNotes(report)).toEqual([]);
    expect(requests).toEqual(listsAlone);
    expect(await runs.copyRecords(both)).toEqual(['a', 'b', 'c', 'd']);
  });
});

describe('a report', () => {
  /** Holds a request up, as if its invocation were dead: until the test lets it go on as a zombie. */
  const hold = (skip: number) => {
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const reached = new Promise<void>((resolve) => {
      runs.store.rules.hook({ bucket: work, key: '*copy-records/*', skip, times: 1 }, () => {
        resolve();
        return released;
      });
    });
    return { reached, release };
  };

  it.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])(
    'that dies at its request %i about copy records is written by the next invocation, also when it was not dead',
    async (request) => {
      const both = await ends('a', 'b');
      await runs.run(both.request);
      await runs.put(both.source, 'b', 'changed');
      const run = await runs.begin(both.request);
      await run.plan();
      await run.copy();
      const { reached, release } = hold(request);
      const zombie = run.reportOnce();
      await reached;
      expect(copyRecordNotes(await run.report())).toEqual([]);
      expect((await runs.counted(both)).requests).toEqual(listsAlone);
      release();
      await zombie;
      expect(await runs.copyRecords(both)).toEqual(['a', 'b']);
      expect((await runs.counted(both)).requests).toEqual(listsAlone);
    },
  );

  it('whose answers get lost keeps what was proven', async () => {
    const both = await ends('a', 'b');
    const match = { bucket: work, key: '*copy-records/*', operation: 'PutObject' };
    const cut = runs.store.rules.add({ kind: 'reset', when: 'after', ...match, times: 4, probability: 0.7 });
    expect(copyRecordNotes(await runs.run(both.request))).toEqual([]);
    expect(cut.hits).toBeGreaterThan(1);
    expect((await runs.counted(both)).requests).toEqual(listsAlone);
  });

  it('that runs twice at the same time, and once more, writes the same', async () => {
    const both = await ends('a', 'b', 'c');
    const run = await runs.begin(both.request);
    await run.plan();
    await run.copy();
    await Promise.all([run.reportOnce(), run.reportOnce(), run.reportOnce()]);
    await run.report();
    const before = await runs.copyRecordKeys(both);
    await run.report();
    expect(await runs.copyRecordKeys(both)).toEqual(before);
    expect(await runs.text(before.files[0] ?? '')).toContain('"key":"c"');
    expect((await runs.counted(both)).requests).toEqual(listsAlone);
  });
});
