import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { copyRecordNotes, type Ends, Runs } from './runs.ts';

let runs: Runs;
beforeAll(async () => {
  runs = await Runs.start();
});
afterAll(() => runs.stop());

const listsAlone = { ListObjectsV2: 2 };

describe('an unchanged re-run', () => {
  it.each([
    { name: 'staged in other parts', more: {}, isKms: false },
    { name: 'copied directly in other parts', more: { strategy: 'direct' }, isKms: false },
    { name: 'staged in a workflow of its own', more: { fanOutAbove: '5MiB' }, isKms: false },
    { name: 'staged into a bucket under KMS', more: {}, isKms: true },
    { name: 'copied directly into a bucket under KMS', more: { strategy: 'direct' }, isKms: true },
  ])('asks for lists alone after objects were $name', async ({ more, isKms }) => {
    const ends = await runs.ends({ isKms });
    await runs.put(ends.source, 'a/simple');
    await runs.putParts(ends.source, 'b/parts');
    await runs.put(ends.source, 'c/simple');
    const first = await runs.run({ ...ends.request, ...more });
    expect(first).toMatchObject({ outcome: 'done', copied: 3 });
    expect(await runs.copyRecords(ends)).toEqual(isKms ? ['a/simple', 'b/parts', 'c/simple'] : ['b/parts']);
    const again = await runs.counted(ends, more);
    expect(again.report).toMatchObject({ outcome: 'done', same: 3, planned: 0 });
    expect(copyRecordNotes(again.report)).toEqual([]);
    expect(again.report.reasons.same['copy-record']?.objects).toBe(isKms ? 3 : 1);
    expect(again.requests).toEqual(listsAlone);
  });

  it('asks for lists alone after a multipart object became a simple one', async () => {
    const ends = await runs.ends();
    await runs.putParts(ends.source, 'parts');
    await runs.run({ ...ends.request, partSize: '64MiB' });
    const again = await runs.counted(ends);
    expect(again.report.reasons.same).toEqual({ 'copy-record': { objects: 1, bytes: 6 * 1024 ** 2 + 7 } });
    expect(again.requests).toEqual(listsAlone);
  });

  it('writes nothing of copy records where equal ETags tell all', async () => {
    const ends = await runs.ends();
    await runs.put(ends.source, 'simple');
    await runs.run(ends.request);
    expect(await runs.copyRecordKeys(ends)).toEqual({ index: '', files: [] });
  });
});

describe('what two HEADs have proven', () => {
  /** The same objects at both ends, which no run has copied. */
  const filled = async (): Promise<Ends> => {
    const ends = await runs.ends({ isKms: true });
    for (const bucket of [ends.source, ends.destination]) {
      await runs.put(bucket, 'a');
      await runs.put(bucket, 'b');
    }
    return ends;
  };

  it('need not be asked again', async () => {
    const ends = await filled();
    const first = await runs.counted(ends);
    expect(first.report.reasons.same).toMatchObject({ checksum: { objects: 2 } });
    expect(first.requests).toMatchObject({ HeadObject: 4 });
    const again = await runs.counted(ends);
    expect(again.report.reasons.same).toMatchObject({ 'copy-record': { objects: 2 } });
    expect(again.requests).toEqual(listsAlone);
  });

  it.each(['dryRun', 'compareOnly'])(
    'is not written down by %s, which reads copy records all the same',
    async (only) => {
      const ends = await filled();
      await runs.counted(ends, { [only]: true });
      expect(await runs.copyRecordKeys(ends)).toEqual({ index: '', files: [] });
      await runs.run(ends.request);
      const before = await runs.copyRecordKeys(ends);
      await runs.delete(ends.source, 'a');
      const read = await runs.counted(ends, { [only]: true });
      expect(read.report.reasons.same).toMatchObject({ 'copy-record': { objects: 1 } });
      expect(read.requests).toEqual(listsAlone);
      expect(await runs.copyRecordKeys(ends)).toEqual(before);
    },
  );

  it.each(['size', 'newer', 'always'])('is neither read nor written by compare: %s', async (compare) => {
    const ends = await filled();
    const reads = runs.store.requests.record();
    await runs.run({ ...ends.request, compare });
    reads.stop();
    expect(await runs.copyRecordKeys(ends)).toEqual({ index: '', files: [] });
    expect(reads.requests.filter(({ key }) => key?.startsWith('copy-records/'))).toEqual([]);
  });
});

it('a copy that only its size vouches for is looked at by a run that requires a proof, once', async () => {
  const ends = await runs.ends({ isKms: true });
  await runs.put(ends.source, 'simple');
  expect(await runs.run(ends.request)).toMatchObject({ sizeOnly: 1 });
  const required = { verify: 'required' };
  const second = await runs.counted(ends, required);
  expect(second.report.reasons.same).toMatchObject({ checksum: { objects: 1 } });
  expect(second.requests).toMatchObject({ HeadObject: 2 });
  const third = await runs.counted(ends, required);
  expect(third.report.reasons.same).toMatchObject({ 'copy-record': { objects: 1 } });
  expect(third.requests).toEqual(listsAlone);
});

it('a run that fails keeps what it has proven', async () => {
  const ends = await runs.ends({ isKms: true });
  await runs.put(ends.source, 'bad');
  await runs.put(ends.source, 'good');
  const deny = runs.store.rules.add({ kind: 'deny', action: 's3:PutObject', key: 'bad' });
  expect(await runs.run(ends.request)).toMatchObject({ outcome: 'failed', copied: 1, failed: 1 });
  deny.remove();
  expect(await runs.copyRecords(ends)).toEqual(['good']);
});
