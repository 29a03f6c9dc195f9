import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { World } from './world.ts';

const awkwardKeys = ['b', 'bc', 'b/ x', 'b/\u0007', 'b/\r\n', 'b/#', 'b/😀', 'b/a//b', 'b+%2F?', 'b"'];

describe('a run that is told what to copy', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.shared();
  });
  afterAll(() => world.stop());

  it('copies what is included and not excluded, and counts the rest with its reason', async () => {
    const { source, destination } = await world.buckets();
    for (const key of ['a.jpg', 'x/b.jpg', 'x/c.txt', 'x/tmp/d.jpg', 'e.png']) await world.put(source, key);
    const request = { src: `s3://${source}`, dest: `s3://${destination}` };
    const filters = { include: ['*.jpg', '*.txt'], exclude: ['*/tmp/*'] };
    const run = await world.run({ ...request, ...filters });
    expect(run).toMatchObject({ status: 'SUCCEEDED', report: { listed: 5, filtered: 2, copied: 3 } });
    expect(run.report?.reasons.filtered).toMatchObject({
      excluded: { objects: 1 },
      'not-included': { objects: 1 },
    });
    expect(await world.keys(destination)).toEqual(['a.jpg', 'x/b.jpg', 'x/c.txt']);
  });

  it('holds filters against keys below the folder of src, and its own object is a dot', async () => {
    const { source, destination } = await world.buckets();
    for (const key of ['dir', 'dir/dir', 'dir/x']) await world.put(source, key);
    const request = { src: `s3://${source}/dir`, dest: `s3://${destination}` };
    await world.run({ ...request, include: ['d*', '.'], exclude: ['dir/*'] });
    expect(await world.keys(destination)).toEqual(['dir', 'dir/dir']);
  });

  it('holds filters against named files too, and misses none that they leave out', async () => {
    const { source, destination } = await world.buckets();
    for (const key of ['a', 'b']) await world.put(source, key);
    const request = { src: `s3://${source}`, dest: `s3://${destination}` };
    const run = await world.run({ ...request, files: ['a', 'b', 'gone'], exclude: ['b', 'gone'] });
    expect(run).toMatchObject({
      status: 'SUCCEEDED',
      report: { listed: 3, filtered: 2, copied: 1, missing: 0 },
    });
  });

  const notesOf = async (text: string, request: Record<string, unknown> = {}, field = 'filesFrom') => {
    const { source, destination } = await world.buckets();
    for (const key of ['a', 'b/c', 'd/e']) await world.put(source, key);
    const list = `runs/~lists/${source}.txt`;
    await world.put(world.local.workBucket, list, text);
    const location = `s3://${world.local.workBucket}/${list}`;
    const run = await world.run({
      src: `s3://${source}`,
      dest: `s3://${destination}`,
      [field]: location,
      ...request,
    });
    return { ...run, notes: run.report?.notes.map((note) => note.replaceAll(location, 'LIST')) ?? [] };
  };
  const windows = 'if the list has Windows line ends (CRLF), convert it, for example with dos2unix';

  it.each([
    { text: '', notes: ['the list LIST names nothing: nothing to copy'] },
    {
      text: '#hash\n\n# two\n',
      notes: [
        'the list LIST names nothing: nothing to copy',
        '2 lines of LIST begin with # and were skipped as comments: to name a key that begins so, use a list that ends in .jsonl',
      ],
    },
  ])('says that the list names nothing, not that the source is empty: $text', async ({ text, notes }) => {
    for (const field of ['filesFrom', 'prefixesFrom']) {
      expect(await notesOf(text, {}, field)).toMatchObject({
        status: 'SUCCEEDED',
        report: { listed: 0, planned: 0 },
        notes,
      });
    }
  });

  it('says that the named paths lead nowhere, not that the source is empty', async () => {
    const { source, destination } = await world.buckets();
    await world.put(source, 'a');
    const request = { src: `s3://${source}`, dest: `s3://${destination}` };

    const run = await world.run({ ...request, prefixes: ['none/'] });

    expect(run.report?.notes).toEqual([
      `the source s3://${source}/ has no key below the paths that are named: nothing to copy`,
    ]);
  });

  it('counts comments also where other lines name something', async () => {
    const run = await notesOf('# head\na\n');

    expect(run).toMatchObject({ status: 'SUCCEEDED', report: { copied: 1 } });
    expect(run.notes).toContainEqual(expect.stringMatching(/^1 line of LIST begins with # and was skipped/));
  });

  it('says so when missing names end in a carriage return, as they do in a list of Windows', async () => {
    const run = await notesOf('a\r\n\r\nb/c\r\nd/e');

    expect(run).toMatchObject({ status: 'FAILED', report: { copied: 1, missing: 2 } });
    expect(run.notes).toContain(
      `2 missing names end in a carriage return, which is part of the name: ${windows}`,
    );
  });

  it('says nothing of carriage returns when other names are missing', async () => {
    const { notes } = await notesOf('none\n');

    expect(notes.join()).not.toContain('carriage return');
  });

  it('says so when paths of a list end in a carriage return, since none is missing', async () => {
    const run = await notesOf('b\r\nd', {}, 'prefixesFrom');

    expect(run).toMatchObject({ status: 'SUCCEEDED', report: { copied: 1 } });
    expect(run.notes).toContain(
      `1 path of LIST ends in a carriage return, which is part of the path: ${windows}`,
    );
  });

  it.each([
    { path: '', folder: '' },
    { path: '/a', folder: 'a/' },
    { path: '/a/b*', folder: 'a/' },
  ])(
    'copies exactly what failed before when it is given the failures of a run of s3://source$path',
    async ({ path, folder }) => {
      const { source, destination } = await world.buckets();
      const keys = awkwardKeys.map((key) => `${folder}${key}`);
      for (const key of [...keys, `${folder}b-good`]) await world.put(source, key);
      const request = { src: `s3://${source}${path}`, dest: `s3://${destination}` };
      const denials = keys.map((key) =>
        world.store.rules.add({
          kind: 'deny',
          action: 's3:GetObject',
          bucket: source,
          key: key.replaceAll('*', '\\*'),
        }),
      );
      const failed = await world.run(request);
      expect(failed).toMatchObject({ status: 'FAILED', report: { copied: 1, failed: keys.length } });
      for (const denial of denials) denial.remove();

      const recording = world.store.requests.record();
      const failures = failed.report?.files.failures;
      const healed = await world.run({ ...request, filesFrom: failures });
      recording.stop();
      expect(healed).toMatchObject({
        status: 'SUCCEEDED',
        report: { listed: keys.length, copied: keys.length },
      });
      const copied = recording.requests.filter(({ operation }) => operation === 'CopyObject');
      expect(copied).toHaveLength(keys.length);
      expect(await world.keys(destination)).toHaveLength(keys.length + 1);
    },
  );
});
