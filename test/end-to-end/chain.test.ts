import { DeleteObjectCommand, DeleteObjectsCommand } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { World } from './world.ts';

/** What a user may have below a folder that is called as the one of part files, with names like theirs. */
const lookAlikes = [
  'temp/mine.txt',
  'temp/big/notes',
  'data/abc1234/layout.json',
  'data/abc1234/parts/part-00001',
  'spark/1234567/parts/part-00002',
];

describe('the copy of a copy', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.shared();
  });
  afterEach(() => world.store.rules.clear());
  afterAll(() => world.stop());

  /** Sources by their other keys, since no test writes there. */
  const sources = new Map<string, string>();

  /** Three buckets, of which the first has objects of all kinds. */
  async function chain(others: readonly string[]) {
    const { source, destination: b } = await world.buckets();
    const { destination: c } = await world.buckets();
    const a = sources.get(others.join()) ?? source;
    if (a === source) {
      await world.putParts(a, 'big', 3);
      await world.putParts(a, 'deep/er/big', 6);
      await world.putParts(a, `${'long/'.repeat(196)}key`, 2);
      for (const key of ['small', ...others]) await world.put(a, key);
      sources.set(others.join(), a);
    }
    return { a, b, c };
  }

  const copy = async (from: string, to: string, request: Record<string, unknown> = {}) =>
    world.run({ src: `s3://${from}`, dest: `s3://${to}`, ...request });

  const partFilesIn = async (bucket: string, data: readonly string[]) =>
    (await world.keys(bucket)).filter((key) => !data.includes(key));

  it.each([
    { first: { strategy: 'staged' }, second: { strategy: 'staged' }, why: 'with the defaults' },
    { first: { strategy: 'staged' }, second: { strategy: 'direct' }, why: 'that makes no part files itself' },
    {
      first: { strategy: 'direct' },
      second: { strategy: 'staged' },
      why: 'of which there are no part files',
    },
    { first: { keepParts: false }, second: { keepParts: false }, why: 'of scheduled syncs' },
    { first: { tempPrefix: 'other/temp/' }, second: {}, why: 'with part files in another place' },
    {
      first: { tempPrefix: '' },
      second: {},
      data: ['temp/mine.txt'],
      why: 'with part files beside the data',
    },
    { first: {}, second: { tempPrefix: 'other/' }, why: 'that has its part files in another place' },
    { first: { partSize: 'source' }, second: { partSize: '6MiB' }, why: 'with parts of another size' },
  ])(
    'has all data and nothing of the part files, $why',
    async ({ first, second, data: others = lookAlikes }) => {
      const { a, b, c } = await chain(others);
      const data = await world.keys(a);
      expect(await copy(a, b, first)).toMatchObject({ status: 'SUCCEEDED', report: { copied: data.length } });
      const left = await partFilesIn(b, data);
      expect(left.length > 0).toBe(first.strategy !== 'direct' && first.keepParts !== false);

      const recording = world.store.requests.record();
      const run = await copy(b, c, second);
      recording.stop();

      expect(run).toMatchObject({
        status: 'SUCCEEDED',
        report: { copied: data.length, filtered: left.length, refused: 0 },
      });
      const tally = run.report?.reasons.filtered['part-files'];
      expect(tally?.objects ?? 0).toBe(left.length);
      const notes = run.report?.notes.filter((note) => note.includes('part file')) ?? [];
      expect(notes.filter((note) => note.includes('earlier runs'))).toHaveLength(left.length > 0 ? 1 : 0);
      expect((await world.keys(c)).filter((key) => data.includes(key))).toEqual(data);
      const copied = recording.requests.map(({ copySource }) => copySource);
      expect(left.filter((key) => copied.includes(`${b}/${key}`))).toEqual([]);
      for (const key of others) expect(await world.text(c, key)).toBe(`body of ${key}`);
    },
  );

  it('deletes at its destination what the first source lacks, and counts no part file as such', async () => {
    const { a, b, c } = await chain(lookAlikes);
    await copy(a, b);
    await world.put(c, 'extra');

    const run = await copy(b, c, { delete: true });

    expect(run).toMatchObject({ status: 'SUCCEEDED', report: { extra: 1, deleted: 1, refused: 0 } });
    expect(await world.content(c)).toEqual(await world.content(a));
  });

  it('knows part files by the record that is left of them', async () => {
    const { a, b, c } = await chain([]);
    await copy(a, b);
    const layouts = (await world.keys(b)).filter((key) => key.endsWith('/layout.json'));
    for (const Key of layouts) await world.s3.send(new DeleteObjectCommand({ Bucket: b, Key }));

    expect(await copy(b, c)).toMatchObject({ status: 'SUCCEEDED', report: { copied: 4, refused: 0 } });
  });

  it('does not fail when part files are removed while it is planned', async () => {
    const { a, b, c } = await chain([]);
    await copy(a, b);
    const partFiles = (await world.keys(b)).filter((key) => key.startsWith('temp/'));
    world.store.rules.hook({ operation: 'GetObject', bucket: b, times: 1 }, async () => {
      const Objects = partFiles.map((Key) => ({ Key }));
      await world.s3.send(new DeleteObjectsCommand({ Bucket: b, Delete: { Objects } }));
    });

    expect(await copy(b, c)).toMatchObject({
      status: 'SUCCEEDED',
      report: { copied: 4, filtered: partFiles.length, refused: 0 },
    });
  });

  it('refuses what only looks like a part file where its own would be, and says so', async () => {
    const { a, b } = await chain(['temp/x/1234567/parts/part-00001']);

    const run = await copy(a, b);

    expect(run).toMatchObject({ status: 'FAILED', report: { copied: 4, refused: 1 } });
    expect(run.failures).toMatchObject([{ status: 'refused', reason: 'temp-area' }]);
  });
});
