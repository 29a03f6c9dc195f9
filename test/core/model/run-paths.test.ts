import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batchName } from '../../../core/model/batches.ts';
import { compareKeys } from '../../../core/model/bytes.ts';
import { batchInPath, runPaths } from '../../../core/model/run-paths.ts';

describe('the files of a run', () => {
  it('never share a path', () => {
    const paths = [
      runPaths.planCursor,
      runPaths.copied,
      runPaths.found,
      runPaths.reported,
      runPaths.report,
      runPaths.failures,
      runPaths.manifest,
      runPaths.differences,
      runPaths.differencesCursor,
      runPaths.page,
      ...[1, 2, 11].flatMap((pass) => [
        runPaths.pass(pass),
        runPaths.reconcileCursor(pass),
        runPaths.deletes(pass),
        runPaths.denied(pass),
        ...[1, 2, 11].flatMap((n) => [
          runPaths.reportCursor(pass, n),
          runPaths.redriveCursor(pass, n),
          runPaths.undeleted(pass, n, 0),
          runPaths.undeleted(pass, 0, n),
          runPaths.differencesChunk(100 * pass + n),
          runPaths.failuresChunk(pass, n, 1),
          runPaths.failuresChunk(pass, n, 2),
          runPaths.sortedFailures(pass, n, 1, 1),
          runPaths.sortedFailures(pass, n, 1, 2),
          runPaths.sortedFailures(pass, n, 2, 1),
          runPaths.mergeCursor(pass, n),
          runPaths.opened(pass, batchName(n)),
          runPaths.planLines(`${pass}-${n}`),
          runPaths.planCopyRecords(`${pass}-${n}`),
          runPaths.copyRecordsCursor(pass, n),
          runPaths.upload(`${pass}`, `${n}`),
          runPaths.probe(`${pass}-${n}`),
          runPaths.sourceParts(`${pass}-${n}`),
          runPaths.properties(`${pass}-${n}`),
          runPaths.published(`${pass}-${n}`),
          ...(['objects', 'multipart'] as const).flatMap((map) => [
            runPaths.batch(pass, map, batchName(n)),
            runPaths.segment(pass, map, batchName(n), 'request-1'),
            runPaths.segment(pass, map, batchName(n), 'request-2'),
          ]),
        ]),
      ]),
    ];
    expect(new Set(paths).size).toBe(paths.length);
  });

  it('lie in the folders that are listed for them', () => {
    expect(runPaths.upload('a', 'b')).toBe(`${runPaths.uploads('a')}b.json`);
    expect(runPaths.batch(2, 'objects', '000001')).toBe(`${runPaths.batches(2, 'objects')}000001.jsonl`);
    const segment = runPaths.segment(2, 'multipart', '000001', 'request-1');
    expect(segment).toBe(`${runPaths.results(2, 'multipart', '000001')}request-1.jsonl`);
    expect(segment.startsWith(runPaths.mapResults(2, 'multipart'))).toBe(true);
    expect(runPaths.results(1, 'objects', '000001').startsWith(runPaths.results(1, 'objects', '00000'))).toBe(
      false,
    );
  });

  it.each([
    ['batches/1/objects/000001.jsonl', '000001'],
    ['batches/12/multipart/1000000.jsonl', '1000000'],
    ['results/1/objects/000001/request-1.jsonl', '000001'],
    ['batches/1/objects/', ''],
    ['batches/1', ''],
  ])('%s belongs to the batch %j', (path, batch) => {
    expect(batchInPath(path)).toBe(batch);
  });

  it('of batches and of their results stand in the same order, so that both are read once', () => {
    const number = fc.oneof(
      fc.integer({ min: 1, max: 3_000_000 }),
      fc.constantFrom(99_999, 100_000, 999_999, 1_000_000),
    );
    fc.assert(
      fc.property(fc.uniqueArray(number, { maxLength: 20 }), (numbers) => {
        const names = numbers.map(batchName);
        const byBatch = names.map((name) => runPaths.batch(1, 'objects', name)).sort(compareKeys);
        const byResult = names.map((name) => runPaths.segment(1, 'objects', name, 'r-1')).sort(compareKeys);
        expect(byResult.map(batchInPath)).toEqual(byBatch.map(batchInPath));
        expect(byBatch.map(batchInPath)).toEqual([...names].sort());
      }),
    );
  });
});
