import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Ends, Runs } from './runs.ts';

let runs: Runs;
beforeAll(async () => {
  runs = await Runs.start();
});
afterAll(() => runs.stop());

const keys = ['a/1', 'a/2', 'b/1', 'b/2', 'c'];
const listsAlone = { ListObjectsV2: 2 };

async function copied(more: Record<string, unknown> = {}): Promise<Ends> {
  const ends = await runs.ends({ isKms: true });
  for (const key of keys) await runs.put(ends.source, key);
  const request = { ...ends.request, ...more };
  expect(await runs.run(request)).toMatchObject({ outcome: 'done' });
  return { ...ends, request };
}

describe('copy records of keys that a run does not look at are kept', () => {
  it.each([
    { what: 'with prefixes', more: { prefixes: ['a/'] } },
    { what: 'with files', more: { files: ['a/1'] } },
    { what: 'with a filter', more: { include: ['a/1'] } },
    { what: 'with another path of src', more: { src: 'a' } },
  ])('by one $what', async ({ more }) => {
    const ends = await copied();
    await runs.put(ends.source, 'a/1', 'changed');
    const { src, ...others } = more as { src?: string };
    const request = { ...ends.request, ...others };
    const from = src === undefined ? {} : { src: `s3://${ends.source}/a` };
    const changed = await runs.run({ ...request, ...from });
    expect(changed).toMatchObject({ outcome: 'done', copied: 1 });
    expect(await runs.copyRecords(ends)).toEqual(keys);
    const again = await runs.counted(ends);
    expect(again.report.reasons.same).toMatchObject({ 'copy-record': { objects: keys.length } });
    expect(again.requests).toEqual(listsAlone);
  });

  it('are looked up for named files, too', async () => {
    const ends = await copied();
    const { report, requests } = await runs.counted(ends, { files: ['b/2', 'a/1', 'c'] });
    expect(report.reasons.same).toMatchObject({ 'copy-record': { objects: 3 } });
    expect(requests).toEqual({ HeadObject: 6 });
    expect(await runs.copyRecords(ends)).toEqual(keys);
  });
});

describe('copy records drop out', () => {
  it.each([
    { what: 'by listings', more: {} },
    { what: 'by listings of both ends', more: { delete: true, maxDelete: { count: 9, percent: 100 } } },
    { what: 'by looking named files up', more: { files: keys } },
  ])('of keys that the source lacks now, found $what', async ({ more }) => {
    const ends = await copied();
    for (const key of ['a/1', 'b/1', 'c']) await runs.delete(ends.source, key);
    await runs.run({ ...ends.request, ...more });
    expect(await runs.copyRecords(ends)).toEqual(['a/2', 'b/2']);
    expect(await runs.unnamed(ends)).toEqual([]);
  });

  it('of all keys, without the source having any left', async () => {
    const ends = await copied();
    for (const key of keys) await runs.delete(ends.source, key);
    await runs.run(ends.request);
    expect(await runs.copyRecords(ends)).toEqual([]);
    expect((await runs.copyRecordKeys(ends)).files).toEqual([]);
  });

  it('of objects whose ETags have become equal', async () => {
    const ends = await runs.ends();
    await runs.putParts(ends.source, 'big');
    await runs.run(ends.request);
    expect(await runs.copyRecords(ends)).toEqual(['big']);
    await runs.run({ ...ends.request, partSize: 'source', compare: 'always' });
    const again = await runs.counted(ends);
    expect(again.report.reasons.same).toMatchObject({ etag: { objects: 1 } });
    expect(await runs.copyRecords(ends)).toEqual([]);
  });
});

describe('copy records of other ends', () => {
  it('are not those of another folder of the same bucket, though all ETags were the same', async () => {
    const ends = await copied();
    const { report } = await runs.counted(ends, { dest: `s3://${ends.destination}/other` });
    expect(report).toMatchObject({ outcome: 'done', copied: keys.length, same: 0 });
    expect((await runs.copyRecordKeys(ends)).files).toHaveLength(2);
    expect((await runs.counted(ends)).requests).toEqual(listsAlone);
  });

  it('are the same for two paths that map keys alike', async () => {
    const ends = await copied();
    const paths = { src: `s3://${ends.source}/a/*`, dest: `s3://${ends.destination}/a` };
    const { report, requests } = await runs.counted(ends, paths);
    expect(report.reasons.same).toEqual({ 'copy-record': expect.objectContaining({ objects: 2 }) });
    expect(requests).toEqual(listsAlone);
  });

  it('within one bucket are told apart by their folders', async () => {
    const ends = await runs.ends();
    await runs.putParts(ends.source, 'from/big');
    const request = { src: `s3://${ends.source}/from/*`, dest: `s3://${ends.source}/to`, partSize: '5MiB' };
    const again = { ...ends, destination: ends.source, request };
    await runs.run(request);
    expect((await runs.counted(again)).requests).toEqual(listsAlone);
    expect(await runs.copyRecords(again)).toEqual(['from/big']);
  });
});
