import {
  DeleteObjectCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
} from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { World } from './world.ts';

const awkward = [
  'a b',
  ' blank',
  'bell\u0007',
  'line\nfeed',
  'return\r\nfeed',
  'x//y',
  '😀',
  '<&>',
  '\uffff',
  'p%2B+',
];

describe('delete', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.shared();
  });
  afterEach(() => world.store.rules.clear());
  afterAll(() => world.stop());

  /** Both ends alike in `keep`, and the destination with `extra` besides. */
  async function ends(keep: readonly string[], extra: readonly string[], folder = '') {
    const { source, destination } = await world.buckets();
    for (const key of keep) await world.put(source, key);
    for (const key of keep) await world.put(destination, folder + key, `body of ${key}`);
    for (const key of extra) await world.put(destination, folder + key);
    const request = { src: `s3://${source}`, dest: `s3://${destination}/${folder}`, delete: true };
    return { source, destination, request };
  }
  const numbered = (count: number, name = 'key') =>
    Array.from({ length: count }, (_, n) => `${name}-${String(n).padStart(4, '0')}`);

  it('deletes what the source lacks, whatever its name, and nothing else', async () => {
    const { source, destination, request } = await ends(numbered(3), awkward);
    await world.put(source, 'new');
    const run = await world.run(request);
    expect(run).toMatchObject({
      status: 'SUCCEEDED',
      report: { copied: 1, same: 3, extra: 10, deleted: 10, undeleted: 0 },
    });
    expect(await world.content(destination)).toEqual(await world.content(source));
    expect(await world.run(request)).toMatchObject({ status: 'SUCCEEDED', report: { same: 4, deleted: 0 } });
  });

  it('copies first and deletes last', async () => {
    const { source, request } = await ends(['keep'], ['extra']);
    await world.put(source, 'new');
    const recording = world.store.requests.record();
    await world.run(request);
    recording.stop();
    const writes = recording.requests.map(({ operation }) => operation);
    expect(writes.indexOf('DeleteObjects')).toBeGreaterThan(writes.lastIndexOf('CopyObject'));
    expect(writes).toContain('CopyObject');
  });

  it('touches only the mapped scope, what the filters let pass, and never the temp area', async () => {
    const { source, destination } = await world.buckets();
    await world.put(source, 'dir/keep');
    await world.putParts(source, 'dir/big', 2);
    const request = { src: `s3://${source}/dir`, dest: `s3://${destination}/to`, exclude: ['*.log'] };
    await world.run(request);
    const before = await world.keys(destination);
    for (const key of ['dir/x', 'to/dirx', 'to/dir/x.log', 'to/other', 'to/dir/temp/x']) {
      await world.put(destination, key);
    }
    for (const key of ['to/dir', 'to/dir/x', 'to/dir/temp/part-00001']) await world.put(destination, key);
    const run = await world.run({ ...request, delete: true });
    expect(run).toMatchObject({ status: 'SUCCEEDED', report: { deleted: 4, extra: 4 } });
    expect(await world.keys(destination)).toEqual(
      [...before, 'dir/x', 'to/dirx', 'to/dir/x.log', 'to/other'].toSorted(),
    );
    expect(before.filter((key) => key.startsWith('temp/')).length).toBeGreaterThan(4);
  });

  it('never takes part files for extra, also where they lie amid the scope', async () => {
    const { source, destination } = await world.buckets();
    await world.putParts(source, 'big', 2);
    await world.put(source, 'zebra');
    const request = { src: `s3://${source}`, dest: `s3://${destination}`, delete: true };
    await world.run(request);
    const before = await world.keys(destination);
    await world.put(destination, 'temp/mine');
    expect(await world.run(request)).toMatchObject({ report: { deleted: 1 } });
    expect(await world.keys(destination)).toEqual(before);
  });

  it.each([
    { field: 'files', value: ['a'] },
    { field: 'filesFrom', value: 's3://lists/x.txt' },
  ])('is refused together with $field', async ({ field, value }) => {
    const { destination, request } = await ends(['a'], ['b']);
    const run = await world.run({ ...request, [field]: value });
    expect(run).toMatchObject({ status: 'FAILED', error: 'InvalidRequestError' });
    expect(run.cause).toContain('delete: true cannot be combined with files or filesFrom');
    expect(await world.keys(destination)).toEqual(['a', 'b']);
  });

  it('is refused within one bucket when both ends share keys', async () => {
    const { source } = await ends(['a'], []);
    const run = await world.run({ src: `s3://${source}`, dest: `s3://${source}/copy`, delete: true });
    expect(run).toMatchObject({ status: 'FAILED', error: 'InvalidRequestError' });
    expect(run.cause).toContain('share keys');
  });

  it('deletes nothing when the source is empty', async () => {
    const { source, destination, request } = await ends([], ['a']);
    const run = await world.run(request);
    expect(run).toMatchObject({
      status: 'FAILED',
      error: 'DeleteGuardError',
      report: { deleted: 0, extra: 1 },
    });
    expect(run.cause).toContain(
      '1 of 1 destination keys in scope would be deleted, since the source lists no key',
    );
    expect(await world.keys(destination)).toEqual(['a']);
    await world.put(source, 'not seen by the plan');
    expect(await world.redrive(run)).toMatchObject({ status: 'FAILED', error: 'DeleteGuardError' });
    expect(await world.keys(destination)).toEqual(['a']);
  });

  it.each([
    {
      limit: { count: 2 },
      says: '3 of 6 destination keys in scope would be deleted, more than `maxDelete.count: 2`',
    },
    {
      limit: { percent: 30 },
      extra: 11,
      says: '11 of 14 destination keys in scope would be deleted, more than `maxDelete.percent: 30`',
    },
  ])(
    'copies all and deletes nothing when it would be too much: $says',
    async ({ limit, extra = 3, says }) => {
      const { source, destination, request } = await ends(numbered(3), numbered(extra, 'z'));
      await world.put(source, 'new');
      const run = await world.run({ ...request, maxDelete: limit });
      expect(run).toMatchObject({
        status: 'FAILED',
        error: 'DeleteGuardError',
        report: { outcome: 'failed', copied: 1, deleted: 0, extra },
      });
      expect(run.cause).toContain(says);
      expect(run.cause).toContain('start a new run with another `maxDelete`');
      expect(await world.keys(destination)).toHaveLength(4 + extra);

      const recording = world.store.requests.record();
      const again = await world.redrive(run);
      recording.stop();
      expect(again).toMatchObject({ status: 'FAILED', error: 'DeleteGuardError' });
      expect(recording.requests.filter(({ operation }) => /Copy|Delete/.test(operation))).toEqual([]);
      const meant = await world.run({ ...request, maxDelete: { count: 11, percent: 100 } });
      expect(meant).toMatchObject({ status: 'SUCCEEDED', report: { deleted: extra, same: 4 } });
    },
  );

  it('deletes nothing while a status fails the run, and all of it once a redrive has healed that', async () => {
    const { source, destination, request } = await ends(['keep'], ['extra']);
    await world.put(source, 'bad');
    const denial = world.store.rules.add({
      kind: 'deny',
      action: 's3:GetObject',
      bucket: source,
      key: 'bad',
    });
    const failed = await world.run(request);
    expect(failed).toMatchObject({ status: 'FAILED', error: 'ObjectsFailedError', report: { deleted: 0 } });
    expect(failed.report?.notes.join()).toContain('nothing was deleted, since not all is copied');
    expect(await world.keys(destination)).toEqual(['extra', 'keep']);
    denial.remove();
    expect(await world.redrive(failed)).toMatchObject({
      status: 'SUCCEEDED',
      report: { copied: 1, deleted: 1 },
    });
    expect(await world.keys(destination)).toEqual(['bad', 'keep']);
  });

  it.each([
    { status: 'refused', key: 'temp/x/1234567/layout.json', deleted: 0 },
    { status: 'archived', key: 'cold', deleted: 0 },
    { status: 'changed', key: 'restless', deleted: 0 },
    { status: 'conflict', key: 'contested', deleted: 0 },
    { status: 'vanished', key: 'gone', deleted: 1 },
  ])('deletes $deleted keys when another one is $status', async ({ status, key, deleted }) => {
    const { source, destination, request } = await ends(['keep'], ['extra']);
    await world.put(source, key, key, status === 'archived' ? { StorageClass: 'GLACIER' } : {});
    let n = 0;
    world.store.rules.hook({ operation: 'CopyObject', bucket: destination, key }, async () => {
      n += 1;
      if (status === 'changed') await world.put(source, key, `other ${n}`);
      if (status === 'conflict') await world.put(destination, key, `other ${n}`);
      if (status === 'vanished') await world.s3.send(new DeleteObjectCommand({ Bucket: source, Key: key }));
    });
    const run = await world.run(request);
    expect(run).toMatchObject({ report: { [status]: 1, extra: 1, deleted } });
    expect((await world.keys(destination)).includes('extra')).toBe(deleted === 0);
  });

  it('deletes keys that XML cannot hold one by one, and others together', async () => {
    const { destination, request } = await ends(['keep'], ['a', 'b', 'c\u0007', ' d']);
    const recording = world.store.requests.record();
    expect(await world.run(request)).toMatchObject({ report: { deleted: 4 } });
    recording.stop();
    const deletes = recording.requests.filter(
      ({ bucket, operation }) => bucket === destination && /Delete/.test(operation ?? ''),
    );
    expect(deletes.map(({ operation, key }) => `${operation} ${key ?? ''}`).toSorted()).toEqual([
      'DeleteObject  d',
      'DeleteObject c\u0007',
      'DeleteObjects ',
    ]);
  });

  it('deletes nothing that a listing which broke off and was repeated still shows', async () => {
    const { source, destination, request } = await ends(numbered(40), []);
    const rule = { kind: 'truncate', operation: 'ListObjectsV2', bytes: 900, times: 1 } as const;
    for (const bucket of [source, destination]) world.store.rules.add({ ...rule, bucket, skip: 1 });
    expect(await world.run(request)).toMatchObject({
      status: 'SUCCEEDED',
      report: { same: 40, deleted: 0, extra: 0 },
    });
    expect(await world.keys(destination)).toHaveLength(40);
  });

  it('deletes nothing when any page of either listing fails', async () => {
    const { source, destination, request } = await ends([], []);
    for (const bucket of [source, destination]) {
      const keys = numbered(2_050, bucket === source ? 'key' : 'kez');
      for (let n = 0; n < keys.length; n += 50) {
        await Promise.all(keys.slice(n, n + 50).map((key) => world.put(bucket, key, '')));
      }
    }
    const rule = { kind: 'fail', operation: 'ListObjectsV2', code: 'AccessDenied', times: 1 } as const;
    // The first listing of each end is the probe of Prepare; three pages follow.
    for (const bucket of [source, destination]) {
      for (const skip of [1, 2, 3]) {
        const failure = world.store.rules.add({ ...rule, bucket, skip });
        const run = await world.run({ ...request, maxDelete: { count: 9_999, percent: 100 } });
        failure.remove();
        expect(run, `${bucket} ${skip}`).toMatchObject({ status: 'FAILED', error: 'PermissionError' });
        expect(world.store.requests.counts(destination)['DeleteObjects'] ?? 0).toBe(0);
        expect(world.store.requests.counts(destination)['CopyObject'] ?? 0).toBe(0);
      }
    }
    expect(await world.keys(destination)).toHaveLength(2_050);
  });

  it('keeps what somebody wrote since the listing, and says so', async () => {
    const { destination, request } = await ends(['keep'], ['a', 'b\u0007', 'c']);
    const hook = { operation: ['DeleteObjects', 'DeleteObject'], bucket: destination, times: 1 };
    world.store.rules.hook(hook, async () => {
      await world.put(destination, 'a', 'other');
      await world.put(destination, 'b\u0007', 'other');
    });
    const run = await world.run(request);
    expect(run).toMatchObject({ status: 'SUCCEEDED', report: { deleted: 1, undeleted: 0 } });
    expect(run.report?.notes).toContain(
      '2 keys were not deleted: after the listing another client wrote to the destination, or the source got the key',
    );
    expect(await world.keys(destination)).toEqual(['a', 'b\u0007', 'keep']);
  });

  it.each([
    { may: 'may read the source', denied: 'nowhere' },
    { may: 'may only list the source', denied: 'b*' },
  ])('keeps what the source has got since the plan, when it $may', async ({ denied }) => {
    const { source, destination, request } = await ends(['a'], ['b', 'bb', 'c']);
    const denial = world.store.rules.add({ kind: 'deny', action: 's3:GetObject', bucket: source, key: 'a' });
    await world.s3.send(new DeleteObjectCommand({ Bucket: destination, Key: 'a' }));
    const failed = await world.run(request);
    expect(failed).toMatchObject({ status: 'FAILED', report: { failed: 1, extra: 3, deleted: 0 } });
    denial.remove();
    // The same bytes, and so the same ETag, as those of the key that would be deleted.
    await world.put(source, 'b', 'body of b');
    world.store.rules.add({ kind: 'deny', action: 's3:GetObject', bucket: source, key: denied });
    const redriven = await world.redrive(failed);
    expect(redriven).toMatchObject({ status: 'SUCCEEDED', report: { copied: 1, deleted: 2 } });
    expect(redriven.report?.notes).toContain(
      '1 key was not deleted: after the listing another client wrote to the destination, or the source got the key',
    );
    expect(await world.keys(destination)).toEqual(['a', 'b']);
  });

  it('reports each key that S3 refuses to delete, and a redrive deletes it', async () => {
    const { destination, request } = await ends(['keep'], ['a', 'b', 'c\u0007']);
    const denials = ['b', 'c\u0007'].map((key) =>
      world.store.rules.add({ kind: 'deny', action: 's3:DeleteObject', bucket: destination, key }),
    );
    const failed = await world.run(request);
    expect(failed).toMatchObject({
      status: 'FAILED',
      error: 'ObjectsFailedError',
      report: { deleted: 1, undeleted: 2 },
    });
    expect(failed.cause).toContain('2 not deleted');
    const folder = `runs/${failed.name}/deletes/1/`;
    const files = (await world.keys(world.local.workBucket)).filter((key) => key.startsWith(folder));
    expect(files).toHaveLength(1);
    expect(await world.text(world.local.workBucket, files[0] as string)).toContain('"error":"AccessDenied"');
    for (const denial of denials) denial.remove();
    expect(await world.redrive(failed)).toMatchObject({
      status: 'SUCCEEDED',
      report: { deleted: 3, undeleted: 0 },
    });
    expect(await world.keys(destination)).toEqual(['keep']);
  });

  it.each(['die-before', 'die-after', 'twice', 'throttle'] as const)(
    'deletes the same when its function is hit by %s and answers are lost',
    async (kind) => {
      const { destination, request } = await ends(['keep'], ['a', 'b', 'c\u0007']);
      world.local.engine.addFaults([{ function: 's3copy-delete-objects', calls: 1, fault: { kind } }]);
      const operation = ['DeleteObjects', 'DeleteObject'];
      world.store.rules.add({ kind: 'reset', operation, bucket: destination, when: 'after', times: 2 });
      const run = await world.run(request);
      expect(run).toMatchObject({ status: 'SUCCEEDED', report: { deleted: 3, undeleted: 0 } });
      expect(await world.keys(destination)).toEqual(['keep']);
    },
  );

  it('shows in a dry run what would be deleted, and deletes nothing', async () => {
    const { destination, request } = await ends(['keep'], ['a', 'b']);
    const run = await world.run({ ...request, dryRun: true, maxDelete: { count: 1 } });
    expect(run).toMatchObject({ status: 'SUCCEEDED', report: { outcome: 'planned', extra: 2, deleted: 0 } });
    expect(run.report?.notes[0]).toMatch(
      /^would delete from the destination 2 keys .*the run would not, since .*count: 1`$/,
    );
    expect(await world.keys(destination)).toEqual(['a', 'b', 'keep']);
  });

  it('leaves a delete marker where there are versions', async () => {
    const { destination, request } = await ends(['keep'], ['a', 'b\u0007']);
    const versioning = { Bucket: destination, VersioningConfiguration: { Status: 'Enabled' as const } };
    await world.s3.send(new PutBucketVersioningCommand(versioning));
    await world.put(destination, 'a', 'version');
    await world.put(destination, 'marked');
    await world.s3.send(new DeleteObjectCommand({ Bucket: destination, Key: 'marked' }));
    expect(await world.run(request)).toMatchObject({ status: 'SUCCEEDED', report: { deleted: 2, extra: 2 } });
    expect(await world.keys(destination)).toEqual(['keep']);
    const { Versions = [], DeleteMarkers = [] } = await world.s3.send(
      new ListObjectVersionsCommand({ Bucket: destination, EncodingType: 'url' }),
    );
    expect(DeleteMarkers.filter(({ IsLatest }) => IsLatest).map(({ Key }) => Key)).toEqual([
      'a',
      'b%07',
      'marked',
    ]);
    expect(Versions.map(({ Key }) => Key)).toEqual(['a', 'a', 'b%07', 'keep', 'marked']);
  });
});
