import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { copyRecordNotes, type Ends, Runs } from './runs.ts';

let runs: Runs;
beforeAll(async () => {
  runs = await Runs.start();
});
afterAll(() => runs.stop());

const work = 'work-bucket';
const keys = ['a', 'b', 'c', 'd'];

/** Two ends with the same four objects, and a copy record of each. */
async function copied(): Promise<Ends> {
  const ends = await runs.ends({ isKms: true });
  for (const key of keys) await runs.put(ends.source, key);
  expect(await runs.run(ends.request)).toMatchObject({ outcome: 'done', copied: keys.length });
  expect(await runs.copyRecords(ends)).toEqual(keys);
  return ends;
}

const other = 'BODY OF b';

describe('an object overwritten by one of the same size', () => {
  it.each([
    { where: 'at the source', ends: ['source'] },
    { where: 'at the destination', ends: ['destination'] },
    { where: 'at both ends by different objects', ends: ['source', 'destination'] },
  ] as const)('$where is copied again, whatever its copy record says', async ({ ends: overwritten }) => {
    const ends = await copied();
    for (const end of overwritten) {
      await runs.put(ends[end], 'b', end === 'source' ? other : other.toLowerCase().replace('b', 'x'));
    }
    const { report, requests } = await runs.counted(ends);
    expect(report).toMatchObject({ outcome: 'done', copied: 1, same: 3 });
    expect(report.reasons.planned).toMatchObject({ checksum: { objects: 1 } });
    expect(requests).toMatchObject({ HeadObject: 2, CopyObject: 1 });
    expect(await runs.text('b', ends.destination)).toBe(await runs.text('b', ends.source));
    expect((await runs.counted(ends)).requests).toEqual({ ListObjectsV2: 2 });
  });

  it('at both ends by the same object is looked at once', async () => {
    const ends = await copied();
    for (const end of [ends.source, ends.destination]) await runs.put(end, 'b', other);
    const { report, requests } = await runs.counted(ends);
    expect(report.reasons.same).toEqual({
      'copy-record': expect.objectContaining({ objects: 3 }),
      checksum: expect.objectContaining({ objects: 1 }),
    });
    expect(requests).toEqual({ ListObjectsV2: 2, HeadObject: 2 });
  });

  it('while it is compared proves nothing of the versions that were listed', async () => {
    const ends = await runs.ends();
    const fill = async () => {
      await runs.put(ends.source, 'b');
      await runs.put(ends.destination, 'b', other);
    };
    await fill();
    const mutations = [ends.source, ends.destination].map((bucket) =>
      runs.store.rules.add({
        kind: 'mutate',
        operation: 'HeadObject',
        bucket,
        key: 'b',
        target: { bucket, key: 'b' },
        change: { type: 'overwrite', body: 'something' },
      }),
    );
    expect((await runs.run(ends.request)).reasons.same).toMatchObject({ checksum: { objects: 1 } });
    for (const mutation of mutations) mutation.remove();
    await fill();
    expect((await runs.run(ends.request)).reasons.planned).toMatchObject({ checksum: { objects: 1 } });
    expect(await runs.text('b', ends.destination)).toBe('body of b');
  });
});

describe('copy records', () => {
  const overwrite = (key: string, text: string) =>
    runs.s3.send(new PutObjectCommand({ Bucket: work, Key: key, Body: text }));

  it.each<{
    what: string;
    problem: string | undefined;
    heads: number;
    spoil: (ends: Ends) => Promise<unknown>;
  }>([
    {
      what: 'without their index',
      problem: undefined,
      heads: 8,
      spoil: async (ends) => runs.delete(work, (await runs.copyRecordKeys(ends)).index),
    },
    {
      what: 'without their file',
      problem: 'is missing',
      heads: 8,
      spoil: async (ends) => runs.delete(work, (await runs.copyRecordKeys(ends)).files[0] ?? ''),
    },
    {
      what: 'cut off inside a line',
      problem: 'line 3 is wrong',
      heads: 4,
      spoil: (ends) => spoilFile(ends, (lines) => [lines[0], lines[1], lines[2]?.slice(0, 20)].join('\n')),
    },
    {
      what: 'cut off behind a line',
      problem: 'it has 2 lines instead of 4',
      heads: 4,
      spoil: (ends) => spoilFile(ends, (lines) => `${lines.slice(0, 2).join('\n')}\n`),
    },
    {
      what: 'out of order',
      problem: 'line 3 is out of order',
      heads: 4,
      spoil: (ends) => spoilFile(ends, ([a, b, c, d]) => `${[a, c, b, d].join('\n')}\n`),
    },
    {
      what: 'that begin with another key',
      problem: 'line 1 is out of order',
      heads: 8,
      spoil: (ends) => spoilFile(ends, (lines) => `${lines.slice(1).join('\n')}\n`),
    },
    {
      what: 'that are no JSON',
      problem: 'line 1 is wrong',
      heads: 8,
      spoil: (ends) => spoilFile(ends, () => 'copy records'),
    },
    {
      what: 'that are empty',
      problem: 'it has 0 lines instead of 4',
      heads: 8,
      spoil: (ends) => spoilFile(ends, () => ''),
    },
    {
      what: 'with other ETags',
      problem: undefined,
      heads: 8,
      spoil: (ends) =>
        spoilFile(ends, (lines) =>
          lines.map((line) => line?.replace(/"target":"./g, '"target":"x')).join('\n'),
        ),
    },
    {
      what: 'with an index that is no JSON',
      problem: 'is not a file of this version',
      heads: 8,
      spoil: async (ends) => overwrite((await runs.copyRecordKeys(ends)).index, '{'),
    },
    {
      what: 'with an index of a later version',
      problem: 'is not a file of this version',
      heads: 8,
      spoil: (ends) => spoilIndex(ends, (text) => text.replace('"v":1', '"v":2')),
    },
    {
      what: 'with the index of other ends',
      problem: 'is that of other ends',
      heads: 8,
      spoil: (ends) => spoilIndex(ends, (text) => text.replace(ends.source, 'source-of-others')),
    },
  ])(
    '$what cost HEADs, are told of, and are whole again after the run',
    async ({ problem, heads, spoil }) => {
      const ends = await copied();
      await spoil(ends);
      const { report, requests } = await runs.counted(ends);
      expect(report).toMatchObject({ outcome: 'done', same: 4, planned: 0 });
      expect(report.reasons.same['checksum']?.objects).toBe(heads / 2);
      expect(requests).toEqual({ ListObjectsV2: 2, HeadObject: heads });
      if (problem === undefined) expect(copyRecordNotes(report)).toEqual([]);
      else expect(copyRecordNotes(report)[0]).toContain(problem);
      const again = await runs.counted(ends);
      expect(copyRecordNotes(again.report)).toEqual([]);
      expect(again.requests).toEqual({ ListObjectsV2: 2 });
    },
  );

  async function spoilFile(ends: Ends, spoil: (lines: (string | undefined)[]) => string): Promise<void> {
    const [file = ''] = (await runs.copyRecordKeys(ends)).files;
    await overwrite(file, spoil((await runs.text(file)).trim().split('\n')));
  }

  async function spoilIndex(ends: Ends, spoil: (text: string) => string): Promise<void> {
    const { index } = await runs.copyRecordKeys(ends);
    await overwrite(index, spoil(await runs.text(index)));
  }

  it('that may not be read cost HEADs, and those that may not be written cost the next run as many', async () => {
    const ends = await copied();
    const deny = ['s3:GetObject', 's3:PutObject'].map((action) =>
      runs.store.rules.add({ kind: 'deny', action, bucket: work, key: 'copy-records/*' }),
    );
    await runs.s3.send(new DeleteObjectCommand({ Bucket: ends.source, Key: 'a' }));
    const { report, requests } = await runs.counted(ends);
    for (const rule of deny) rule.remove();
    expect(report).toMatchObject({ outcome: 'done', same: 3 });
    expect(requests).toMatchObject({ HeadObject: 6 });
    expect(copyRecordNotes(report).map((note) => note.slice(0, 45))).toEqual([
      'copy records of earlier runs could not all be',
      'no copy records were written (work bucket: Ge',
    ]);
    expect((await runs.counted(ends)).requests).toEqual({ ListObjectsV2: 2 });
  });
});
