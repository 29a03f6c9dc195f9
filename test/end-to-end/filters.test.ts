import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { World } from './world.ts';

const wins = /`exclude` wins over `include`, in whatever order they are given/;
const whole = /a glob must match the whole key, relative to `src`/;

describe('filters that let no key pass', () => {
  let world: World;
  let source: string;
  beforeAll(async () => {
    world = await World.shared();
    ({ source } = await world.buckets());
    for (const key of ['a.txt', 'dir/b.txt', 'c.jpg']) await world.put(source, key);
  });
  afterAll(() => world.stop());

  const run = async (more: Record<string, unknown>) => {
    const { destination } = await world.buckets();
    return world.run({ src: `s3://${source}`, dest: `s3://${destination}`, ...more });
  };

  it.each([
    { of: 'a copy', more: { exclude: ['*'], include: ['*.txt'] }, why: wins },
    { of: 'a dry run', more: { exclude: ['*'], include: ['*.txt'], dryRun: true }, why: wins },
    { of: 'a list', more: { exclude: ['*'], include: ['*.txt'], dest: undefined }, why: wins },
    { of: 'parts of keys', more: { include: ['.txt', './a.txt', '/a.txt', 'dir/'] }, why: whole },
    { of: 'all endings', more: { exclude: ['*.txt', '*.jpg'] }, why: whole },
  ])('are named in a note that says why: $of', async ({ more, why }) => {
    const { status, report } = await run(more);

    expect({ status, report }).toMatchObject({
      status: 'SUCCEEDED',
      report: { listed: 3, filtered: 3, shown: 0 },
    });
    expect(report?.notes).toEqual([
      expect.stringMatching(/^the filters let no key pass: 3 listed keys were left out; /),
    ]);
    expect(report?.notes[0]).toMatch(why);
  });

  it('are not blamed where a key passes, or where there is none', async () => {
    const { report } = await run({ include: ['*.txt'], exclude: ['dir/*'] });
    expect(report).toMatchObject({ copied: 1, notes: [] });

    const empty = await run({ src: `s3://${source}/none/`, exclude: ['*'] });
    expect(empty.report?.notes.join()).not.toContain('filters');

    const listed = await run({ files: ['a.txt'], include: ['*.txt'], dest: undefined });
    expect(listed.report).toMatchObject({ shown: 1, filtered: 0, notes: [] });

    const missing = await run({ files: ['a.txt', 'd.jpg'], include: ['*.jpg'] });
    expect(missing.report?.notes).toEqual(['1 named file does not exist in the source']);
  });
});
