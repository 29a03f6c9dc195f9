import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BatchPacker, batchName, type PlannedObject } from '../../../../core/model/batches.ts';
import { compareKeys } from '../../../../core/model/bytes.ts';
import {
  type CopyRecord,
  type CopyRecordChange,
  type CopyRecordFile,
  copyRecordPaths,
} from '../../../../core/model/copy-records.ts';
import type { ObjectResult } from '../../../../core/model/results.ts';
import { runPaths } from '../../../../core/model/run-paths.ts';
import type { Deadline } from '../../../../core/rules/deadline.ts';
import type { Run } from '../../../../core/run/open-run.ts';
import { Changes, firstPosition } from '../../../../lambdas/report/copy-records/changes.ts';
import { Merge, type Merged, nothingMerged } from '../../../../lambdas/report/copy-records/merge.ts';
import { MemoryFiles } from './memory-files.ts';

const pair = { source: 's', base: '', destination: 'd', folder: '' };
const receiptOf = (key: string, target = 'target'): CopyRecord => ({
  key,
  source: 'source',
  target,
  proof: 'checksum',
});
const textOf = (lines: readonly object[]): string =>
  lines.map((line) => `${JSON.stringify(line)}\n`).join('');

/** A run whose plan has found out some changes, and whose copies have proven others. */
class Scene {
  readonly runFiles = new MemoryFiles();
  readonly copyRecordFiles = new MemoryFiles();
  readonly old: CopyRecordFile[] = [];
  readonly planFiles: string[] = [];
  #invocations = 0;

  addOld(copyRecords: readonly CopyRecord[]): void {
    const name = `old-${this.old.length}`;
    this.copyRecordFiles.texts.set(copyRecordPaths.file(name), textOf(copyRecords));
    this.old.push({ name, first: copyRecords[0]?.key ?? '', copyRecords: copyRecords.length });
  }

  addPlan(changes: readonly CopyRecordChange[]): void {
    const name = `plan-${this.planFiles.length}`;
    this.runFiles.texts.set(runPaths.planCopyRecords(name), textOf(changes));
    this.planFiles.push(name);
  }

  /** Deals objects as the plan does; those whose size is not 0 have proven something. */
  addCopies(objects: readonly PlannedObject[], more: readonly PlannedObject[] = []): void {
    const packer = new BatchPacker(objects.length);
    const rounds = [...objects.map((object) => packer.add(object)), packer.close()].flat();
    const { texts } = this.runFiles;
    texts.set(runPaths.pass(1), JSON.stringify({ v: 1, objects: rounds.length, multipart: 0, inARow: 0 }));
    for (const [n, batch] of [...rounds, more].entries()) {
      const name = batchName(n + 1);
      const lines = batch.map((object, line) => ({ ...object, line }));
      const results = lines.map(
        ({ line, size }): ObjectResult => ({
          line,
          status: size === 0 ? 'vanished' : 'copied',
          proof: 'checksum',
          sourceEtag: 'source',
          etag: 'copied',
        }),
      );
      texts.set(runPaths.batch(1, 'objects', name), textOf(lines));
      texts.set(runPaths.segment(1, 'objects', name, 'r-1'), textOf(results));
    }
  }

  changes(from = firstPosition, after = ''): Changes {
    const run = { files: this.runFiles.files } as unknown as Run;
    return new Changes(run, this.planFiles, 1, from, after);
  }

  /** Merges, each invocation with room for so many of its questions whether it is late. */
  async merge(isLate: () => boolean = () => false): Promise<Merged> {
    let merged = nothingMerged;
    let position = firstPosition;
    while (true) {
      const deadline = { hasPassed: isLate } as unknown as Deadline;
      this.#invocations += 1;
      const changes = this.changes(position, merged.after);
      const merge = new Merge(
        {
          copyRecords: { pair, files: this.copyRecordFiles.files },
          old: this.old,
          changes,
          deadline,
          prefix: `new-${this.#invocations}`,
        },
        merged,
      );
      const isDone = await merge.goOn();
      // As it comes back from its file.
      merged = JSON.parse(JSON.stringify(merge.merged)) as Merged;
      position = changes.position;
      if (isDone) return merged;
    }
  }

  /** What the files of a merge hold. */
  contents({ files }: Merged): CopyRecord[] {
    return files.flatMap(({ name, first, copyRecords }) => {
      const lines = (this.copyRecordFiles.texts.get(copyRecordPaths.file(name)) ?? '').trim().split('\n');
      const read = lines.map((line) => JSON.parse(line) as CopyRecord);
      expect({ first, copyRecords }).toEqual({ first: read[0]?.key, copyRecords: read.length });
      return read;
    });
  }
}

const anyKey = fc.string({
  unit: fc.constantFrom('a', 'b', 'é', '\u{10000}', '\uffff'),
  minLength: 1,
  maxLength: 4,
});
const anyKeys = fc.uniqueArray(anyKey, { maxLength: 30 }).map((keys) => keys.sort(compareKeys));

const planned = (key: string, size = 1): PlannedObject => ({
  key,
  target: key,
  size,
  etag: 'source',
  reason: 'new',
});

/** Cuts a list at some places. */
const cutAt = <T>(items: readonly T[], places: readonly number[]): T[][] => {
  const cuts = [0, ...places.map((place) => place % (items.length + 1)).sort((a, b) => a - b), items.length];
  return cuts
    .slice(1)
    .map((end, n) => items.slice(cuts[n], end))
    .filter((part) => part.length > 0);
};

describe('a merge of copy records', () => {
  it('keeps what is old, takes what is new and drops what is gone, however often it is interrupted', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          old: anyKeys,
          plan: anyKeys,
          copied: anyKeys,
          cuts: fc.array(fc.nat(), { maxLength: 6 }),
          late: fc.infiniteStream(fc.boolean()),
        }),
        async ({ old, plan, copied, cuts, late }) => {
          const scene = new Scene();
          for (const some of cutAt(old, cuts)) scene.addOld(some.map((key) => receiptOf(key)));
          const changes = plan.map((key, n): CopyRecordChange => {
            return n % 2 === 0 ? receiptOf(key, 'planned') : { key, gone: true };
          });
          for (const some of cutAt(changes, cuts)) scene.addPlan(some);
          scene.addCopies(copied.map((key, n) => planned(key, n % 3)));
          const wanted = new Map(old.map((key) => [key, receiptOf(key)]));
          for (const change of changes) {
            if ('gone' in change) wanted.delete(change.key);
            else wanted.set(change.key, change);
          }
          for (const [n, key] of copied.entries()) if (n % 3 > 0) wanted.set(key, receiptOf(key, 'copied'));
          let isFirst = true;
          const merged = await scene.merge(() => {
            // Each invocation does something before it is late.
            const isLate: boolean = !isFirst && (late.next().value as boolean);
            isFirst = isLate;
            return isLate;
          });
          expect(scene.contents(merged)).toEqual(
            [...wanted.values()].sort((a, b) => compareKeys(a.key, b.key)),
          );
        },
      ),
      { numRuns: 150 },
    );
  });

  const many = (first: number, count: number): CopyRecord[] =>
    Array.from({ length: count }, (_, n) => receiptOf(String(first + n).padStart(9, '0')));

  it('takes over files that nothing changes, without reading them', async () => {
    const scene = new Scene();
    for (let n = 0; n < 5; n += 1) scene.addOld(many(n * 20_000, 20_000));
    scene.addPlan([{ key: '000045000', gone: true }]);
    const merged = await scene.merge();
    expect(scene.copyRecordFiles.read).toEqual([copyRecordPaths.file('old-2')]);
    expect(merged.files.map(({ name }) => name)).toEqual([
      'old-0',
      'old-1',
      'new-1-000003',
      'old-3',
      'old-4',
    ]);
    expect(scene.contents(merged)).toHaveLength(99_999);
  });

  it('puts what is left of a file together with the next', async () => {
    const scene = new Scene();
    scene.addOld(many(0, 3));
    scene.addOld(many(10, 3));
    scene.addPlan([{ key: '000000001', gone: true }]);
    expect((await scene.merge()).files).toEqual([
      { name: 'new-1-000001', first: '000000000', copyRecords: 5 },
    ]);
  });

  it('leaves out what a broken file had, and says so', async () => {
    const scene = new Scene();
    scene.addOld(many(0, 3));
    scene.addOld(many(10, 3));
    scene.copyRecordFiles.texts.set(copyRecordPaths.file('old-0'), `${textOf(many(0, 1))}{"key":`);
    scene.addPlan([receiptOf('000000005')]);
    const merged = await scene.merge();
    expect(scene.contents(merged).map(({ key }) => Number(key))).toEqual([0, 5, 10, 11, 12]);
    expect(merged.problem).toContain('files/old-0.jsonl: line 2 is wrong');
  });
});

describe('what copies have proven', () => {
  const drain = async (changes: Changes): Promise<string[]> => {
    const keys: string[] = [];
    while (true) {
      if (!changes.isReady) await changes.load();
      else if (changes.current === undefined) return keys;
      else {
        keys.push(changes.current.key);
        changes.advance();
      }
    }
  };

  it('comes in order, though neighbors are packed into different batches', async () => {
    const scene = new Scene();
    const keys = Array.from({ length: 40_000 }, (_, n) => `key-${String(n).padStart(6, '0')}`);
    scene.addCopies(keys.map((key, n) => planned(key, n % 7 === 0 ? 0 : 1)));
    expect(scene.runFiles.texts.size / 2).toBeGreaterThan(32);
    expect(await drain(scene.changes())).toEqual(keys.filter((_, n) => n % 7 !== 0));
  });

  it('leaves out the files that only a redrive found, which are in no order', async () => {
    const scene = new Scene();
    scene.addCopies([planned('b'), planned('c')], [planned('a')]);
    expect(await drain(scene.changes())).toEqual(['b', 'c']);
  });
});

it('takes the memory of a few files, however many copy records there are', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const peakOf = async (files: number): Promise<number> => {
    const scene = new Scene();
    const sized = Array.from({ length: files }, (_, n) => n);
    for (const n of sized)
      scene.old.push({ name: `old-${n}`, first: keyOf(n * 20_000), copyRecords: 20_000 });
    let peak = 0;
    let written = 0;
    scene.copyRecordFiles.texts.get = (path) => textOfFile(Number(/old-(\d+)/.exec(path)?.[1]));
    scene.copyRecordFiles.texts.set = () => {
      collect();
      peak = Math.max(peak, process.memoryUsage().heapUsed);
      written += 1;
      return scene.copyRecordFiles.texts;
    };
    for (const n of sized) scene.planFiles.push(`plan-${n}`);
    scene.runFiles.texts.get = (path) => {
      const n = /plan-(\d+)/.exec(path)?.[1];
      return n === undefined ? undefined : textOf([receiptOf(`${keyOf(Number(n) * 20_000)}x`)]);
    };
    await scene.merge();
    expect(written).toBeGreaterThan(files);
    return peak;
  };
  const keyOf = (n: number): string => `key-${String(n).padStart(9, '0')}`;
  const textOfFile = (n: number): string =>
    textOf(Array.from({ length: 20_000 }, (_, line) => receiptOf(keyOf(n * 20_000 + line))));
  const few = await peakOf(2);
  const manyFiles = await peakOf(14);
  // All 280,000 would take more than 40 MB.
  expect(manyFiles - few).toBeLessThan(10e6);
});
