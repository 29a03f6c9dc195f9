import { describe, expect, it } from 'vitest';
import {
  type CopyRecordFile,
  type CopyRecordIndex,
  copyRecordPaths,
} from '../../../../core/model/copy-records.ts';
import { removeUnnamed } from '../../../../lambdas/report/copy-records/remove-unnamed.ts';
import { MemoryFiles } from './memory-files.ts';

const pair = { source: 's', base: '', destination: 'd', folder: '' };
const fileOf = (name: string): CopyRecordFile => ({ name, first: name, copyRecords: 1 });
const daysAgo = (days: number): number => Date.now() - days * 24 * 60 * 60 * 1_000;

/** A folder with files and their ages in days, and an index that names some of them. */
function folderOf(ages: Readonly<Record<string, number>>, named: readonly string[]): MemoryFiles {
  const memory = new MemoryFiles();
  for (const [name, days] of Object.entries(ages)) {
    memory.texts.set(copyRecordPaths.file(name), '');
    memory.modified.set(copyRecordPaths.file(name), daysAgo(days));
  }
  const index: CopyRecordIndex = { v: 1, pair, writer: 'run/1-0', files: named.map(fileOf) };
  memory.texts.set(copyRecordPaths.index, JSON.stringify(index));
  return memory;
}

const left = ({ texts }: MemoryFiles): string[] =>
  [...texts.keys()].filter((path) => path !== copyRecordPaths.index).map((path) => path.slice(6, -6));

describe('files of copy records', () => {
  it('that are replaced go at once, what is named stays however old it is', async () => {
    const memory = folderOf({ a: 400, b: 0, c: 0 }, ['a', 'b']);
    await removeUnnamed({ pair, files: memory.files }, ['a', 'c'].map(fileOf));
    expect(left(memory)).toEqual(['a', 'b']);
  });

  it('that an invocation left when it died go when no run can be at it any more', async () => {
    const memory = folderOf({ a: 0, b: 29, c: 31 }, ['a']);
    await removeUnnamed({ pair, files: memory.files }, []);
    expect(left(memory)).toEqual(['a', 'b']);
  });

  it('stay where the index does not tell which are named', async () => {
    const memory = folderOf({ a: 400 }, []);
    memory.texts.set(copyRecordPaths.index, '{');
    await removeUnnamed({ pair, files: memory.files }, [fileOf('a')]);
    expect(left(memory)).toEqual(['a']);
  });
});
