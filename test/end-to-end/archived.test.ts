import { RestoreObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { World } from './world.ts';

describe('archived objects', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.shared();
  });
  afterEach(() => world.store.rules.clear());
  afterAll(() => world.stop());

  async function ends() {
    const { source, destination } = await world.buckets();
    await world.put(source, 'plain');
    for (const key of ['cold', 'thawed', 'same'])
      await world.put(source, key, key, { StorageClass: 'GLACIER' });
    await world.put(source, 'deep', 'deep', { StorageClass: 'DEEP_ARCHIVE' });
    await world.put(source, 'instant', 'instant', { StorageClass: 'GLACIER_IR' });
    await world.put(destination, 'same', 'same');
    await restore(source, 'thawed');
    return { source, destination, request: { src: `s3://${source}`, dest: `s3://${destination}` } };
  }
  const restore = (Bucket: string, Key: string) =>
    world.s3.send(new RestoreObjectCommand({ Bucket, Key, RestoreRequest: { Days: 1 } }));

  it('fail the run behind everything else, and a redrive copies them when they are restored', async () => {
    const { source, destination, request } = await ends();
    const failed = await world.run(request);
    expect(failed).toMatchObject({
      status: 'FAILED',
      error: 'ObjectsFailedError',
      report: { same: 1, copied: 3, archived: 2 },
    });
    const note = failed.report?.notes.find((text) => text.includes('restore-object')) ?? '';
    expect(note).toContain(
      `2 objects are archived: restore each key that ${failed.report?.files.failures} names`,
    );
    expect(note).toContain(
      `aws s3api restore-object --bucket ${source} --key KEY --restore-request '{"Days": 7}'`,
    );
    for (const key of ['cold', 'deep']) await restore(source, key);
    const healed = await world.redrive(failed);
    expect(healed).toMatchObject({ status: 'SUCCEEDED', report: { copied: 5, archived: 0 } });
    expect(await world.keys(destination)).toEqual(await world.keys(source));
  });

  it('are shown by a dry run as what the run would fail on', async () => {
    const { source, request } = await ends();

    const dry = await world.run({ ...request, dryRun: true });

    expect(dry).toMatchObject({
      status: 'SUCCEEDED',
      report: { outcome: 'planned', wouldFail: true, planned: 5, archived: 2, bytes: { archived: 8 } },
    });
    const notes = dry.report?.notes.join('\n');
    expect(notes).toMatch(/2 objects are archived, so that the run would fail: restore .* `archived: skip`/);
    expect(notes).toContain(`restore-object --bucket ${source} --key KEY`);
    expect(notes).toContain('2 objects (13 B) in non-STANDARD classes (GLACIER, GLACIER_IR)');
    for (const key of ['cold', 'deep']) await restore(source, key);
    expect(await world.run({ ...request, dryRun: true })).toMatchObject({
      report: { wouldFail: false, planned: 5, archived: 0 },
    });
  });

  it('are no reason for a dry run to foresee a failure when they are to be skipped', async () => {
    const { request } = await ends();
    const dry = await world.run({ ...request, dryRun: true, archived: 'skip' });
    expect(dry).toMatchObject({ report: { wouldFail: false, planned: 3, filtered: 2, archived: 0 } });
  });

  it('are said to become STANDARD only once they are copied', async () => {
    const { source, request } = await ends();
    const failed = await world.run(request);
    const classes = (run: typeof failed) => run.report?.notes.filter((note) => note.includes('non-STANDARD'));
    expect(classes(failed)).toEqual([expect.stringContaining('(GLACIER, GLACIER_IR)')]);
    for (const key of ['cold', 'deep']) await restore(source, key);
    const healed = await world.redrive(failed);
    expect(classes(healed)).toEqual([expect.stringContaining('(DEEP_ARCHIVE, GLACIER, GLACIER_IR)')]);
  });

  it('are archived also when the refusal of S3 breaks off before it says so', async () => {
    const { destination, request } = await ends();
    for (const key of ['cold', 'deep'])
      world.store.rules.add({
        kind: 'truncate',
        operation: 'CopyObject',
        bucket: destination,
        key,
        times: 1,
      });
    const failed = await world.run(request);
    expect(failed).toMatchObject({ status: 'FAILED', report: { copied: 3, archived: 2, failed: 0 } });
  });

  it('are filtered when they are to be skipped, but for those that are restored or unchanged', async () => {
    const { destination, request } = await ends();
    const recording = world.store.requests.record();
    const run = await world.run({ ...request, archived: 'skip' });
    recording.stop();
    expect(run).toMatchObject({
      status: 'SUCCEEDED',
      report: { same: 1, filtered: 2, copied: 3, archived: 0 },
    });
    expect(run.report?.reasons.filtered['archived']).toMatchObject({ objects: 2 });
    expect(run.report?.notes.join()).toContain('2 objects are archived, and were skipped');
    expect(await world.keys(destination)).toEqual(['instant', 'plain', 'same', 'thawed']);
    const asked = recording.requests.filter(({ key }) => key === 'cold' || key === 'deep');
    expect(asked).toEqual([]);
  });

  it('are filtered too when a list names them', async () => {
    const { destination, request } = await ends();
    const files = ['plain', 'cold', 'thawed'];
    const run = await world.run({ ...request, files, archived: 'skip' });
    expect(run).toMatchObject({ status: 'SUCCEEDED', report: { filtered: 1, copied: 2 } });
    expect(await world.keys(destination)).toEqual(['plain', 'same', 'thawed']);
  });

  it.each([
    { archived: 'fail', status: 'FAILED', failures: 1 },
    { archived: 'skip', status: 'SUCCEEDED', failures: 0 },
  ])('that only the copy meets end as archived: $archived', async ({ archived, status, failures }) => {
    const { source, destination } = await world.buckets();
    await world.put(source, 'tiered');
    await world.put(source, 'other');
    const rule = { kind: 'fail', operation: 'CopyObject', bucket: destination, key: 'tiered' } as const;
    world.store.rules.add({ ...rule, code: 'InvalidObjectState' });
    const run = await world.run({ src: `s3://${source}`, dest: `s3://${destination}`, archived });
    expect(run).toMatchObject({ status, report: { copied: 1, archived: 1 } });
    expect(run.failures).toHaveLength(failures);
  });
});
