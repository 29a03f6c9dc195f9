import { createHash } from 'node:crypto';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
} from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await World.shared();
});
afterEach(() => world.store.rules.clear());
afterAll(() => world.stop());

const enable = (Bucket: string) =>
  world.s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));

/** Ids of the versions of a key, oldest first. */
async function versionsOf(Bucket: string, key: string): Promise<string[]> {
  const { Versions = [] } = await world.s3.send(new ListObjectVersionsCommand({ Bucket, Prefix: key }));
  return Versions.filter(({ Key }) => Key === key)
    .map(({ VersionId = '' }) => VersionId)
    .toReversed();
}

async function digestOf(Bucket: string, Key: string, VersionId?: string): Promise<string> {
  const { Body } = await world.s3.send(new GetObjectCommand({ Bucket, Key, VersionId }));
  return createHash('sha256')
    .update((await Body?.transformToByteArray()) ?? '')
    .digest('hex');
}

/** A source with versions, and a list of what a request is to copy of them. */
async function ends() {
  const { source, destination } = await world.buckets();
  await enable(source);
  const list = async (...lines: readonly object[]) => {
    await world.put(source, 'list.jsonl', lines.map((line) => JSON.stringify(line)).join('\n'));
    return {
      src: `s3://${source}/d`,
      dest: `s3://${destination}/to`,
      filesFrom: `s3://${source}/list.jsonl`,
    };
  };
  return { source, destination, list };
}

describe('a version that a list names', () => {
  it.each([
    { how: 'simple', parts: 0, request: {} },
    { how: 'staged', parts: 2, request: {} },
    { how: 'direct', parts: 2, request: { strategy: 'direct' } },
    { how: 'direct, in its own parts', parts: 3, request: { strategy: 'direct', partSize: 'source' } },
    { how: 'staged, fanned out', parts: 2, request: { fanOutAbove: 0 } },
    { how: 'direct, fanned out', parts: 2, request: { strategy: 'direct', fanOutAbove: 0 } },
  ])('is copied with its own tags and metadata: $how', async ({ parts, request }) => {
    const { source, destination, list } = await ends();
    for (const n of [1, 2, 3]) {
      const properties = { Tagging: `n=${n}`, Metadata: { n: `${n}` } };
      if (parts === 0) await world.put(source, 'd/x', `version ${n}`, properties);
      else await world.putParts(source, 'd/x', parts, properties, n);
    }
    const [, second] = await versionsOf(source, 'd/x');
    const asked = await list({ key: 'x', versionId: second });
    expect(await world.run({ ...asked, ...request })).toMatchObject({
      status: 'SUCCEEDED',
      report: { listed: 1, copied: 1 },
    });
    expect(await digestOf(destination, 'to/d/x')).toBe(await digestOf(source, 'd/x', second));
    expect(await world.properties(destination, 'to/d/x')).toMatchObject({
      tags: { n: '2' },
      metadata: { n: '2' },
    });
    expect(await world.run({ ...asked, ...request })).toMatchObject({ report: { same: 1, copied: 0 } });
  });

  it('is missing when there is no such version, refused when it is a delete marker, and others are copied', async () => {
    const { source, destination, list } = await ends();
    for (const key of ['d/gone', 'd/none', 'd/good', 'd/odd']) await world.put(source, key);
    const { VersionId: marker } = await world.s3.send(
      new DeleteObjectCommand({ Bucket: source, Key: 'd/gone' }),
    );
    const [good] = await versionsOf(source, 'd/good');
    const [gone] = await versionsOf(source, 'd/gone');
    const request = await list(
      { key: 'gone', versionId: marker },
      { key: 'none', versionId: good },
      { key: 'odd', versionId: 'no version id at all?' },
      { key: 'good', versionId: good },
    );
    const run = await world.run(request);
    expect(run).toMatchObject({
      status: 'FAILED',
      error: 'ObjectsFailedError',
      report: { listed: 2, refused: 1, copied: 1, missing: 2, failed: 0 },
    });
    const missing = run.report?.failures.find(({ status }) => status === 'missing');
    expect(missing?.samples).toContainEqual({ sourceKey: 'd/none', versionId: good });
    expect(run.report?.notes.join()).toContain('1 listed version is a delete marker');
    expect(run.failures).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          sourceKey: 'd/gone',
          versionId: marker,
          status: 'refused',
          reason: 'delete-marker',
        }),
        expect.objectContaining({ sourceKey: 'd/none', versionId: good, status: 'missing' }),
        expect.objectContaining({ sourceKey: 'd/odd', status: 'missing' }),
      ]),
    );
    expect(await world.keys(destination)).toEqual(['to/d/good']);
    const older = await world.run(await list({ sourceKey: 'd/gone', versionId: gone }));
    expect(older).toMatchObject({ status: 'SUCCEEDED', report: { copied: 1 } });
  });

  it('is the one that a redrive copies, and that a run of the failures copies', async () => {
    const { source, destination, list } = await ends();
    for (const n of [1, 2]) await world.put(source, 'd/x', `version ${n}`);
    const [first = ''] = await versionsOf(source, 'd/x');
    const denial = world.store.rules.add({
      kind: 'deny',
      action: 's3:GetObjectVersion',
      bucket: source,
      key: 'd/x',
    });
    const request = await list({ key: 'x', versionId: first });
    const failed = await world.run(request);
    expect(failed).toMatchObject({ status: 'FAILED', report: { failed: 1 } });
    expect(failed.failures).toMatchObject([{ sourceKey: 'd/x', versionId: first }]);
    const again = await world.redrive(failed);
    expect(again).toMatchObject({ status: 'FAILED', report: { failed: 1 } });
    denial.remove();
    const filesFrom = again.report?.files.failures;
    const healed = await world.run({ ...request, dest: `s3://${destination}/other`, filesFrom });
    expect(healed).toMatchObject({ status: 'SUCCEEDED', report: { copied: 1 } });
    expect(await world.text(destination, 'other/d/x')).toBe('version 1');
    expect(await world.redrive(again)).toMatchObject({ status: 'SUCCEEDED', report: { copied: 1 } });
    expect(await world.text(destination, 'to/d/x')).toBe('version 1');
  });

  it('goes on as that version in the next pass', async () => {
    const { source, destination, list } = await ends();
    for (const n of [1, 2]) await world.put(source, 'd/x', `version ${n}`);
    await world.put(source, 'd/y');
    const [first] = await versionsOf(source, 'd/x');
    const at = { operation: 'CopyObject', bucket: destination, key: 'to/d/x' } as const;
    world.store.rules.add({ ...at, kind: 'fail', code: 'SlowDown', times: 6 });
    const run = await world.run(await list({ key: 'x', versionId: first }, { key: 'y' }));
    expect(run).toMatchObject({ status: 'SUCCEEDED', report: { copied: 2, passes: 2 } });
    expect(await world.text(destination, 'to/d/x')).toBe('version 1');
  });

  it('is found by a redrive when it was missing, and is vanished when it goes meanwhile', async () => {
    const { source, destination, list } = await ends();
    for (const n of [1, 2]) await world.put(source, 'd/x', `version ${n}`);
    const [first] = await versionsOf(source, 'd/x');
    world.store.rules.hook({ operation: 'CopyObject', bucket: destination, times: 1 }, async () => {
      await world.s3.send(new DeleteObjectCommand({ Bucket: source, Key: 'd/x', VersionId: first }));
    });
    const run = await world.run(
      await list({ key: 'x', versionId: first }, { key: 'never', versionId: first }),
    );
    expect(run).toMatchObject({ status: 'FAILED', report: { vanished: 1, missing: 1, copied: 0 } });
    expect(await world.keys(destination)).toEqual([]);
    await world.put(source, 'd/never', 'another version');
    expect(await world.redrive(run)).toMatchObject({ status: 'FAILED', report: { missing: 1, copied: 0 } });
  });

  it('goes before the current one of a prefix that is named too, and is not taken for unchanged by its age', async () => {
    const { source, destination, list } = await ends();
    await world.putParts(source, 'd/p/x', 2, {}, 1);
    await world.put(source, 'd/p/y');
    await world.putParts(source, 'd/p/x', 2, {}, 2);
    const [first] = await versionsOf(source, 'd/p/x');
    const request = await list(
      { key: 'p/x', versionId: first },
      { key: 'p/a' },
      { key: 'p/z', versionId: first },
    );
    await world.run({ src: `s3://${source}/d`, dest: `s3://${destination}/to`, partSize: '64MiB' });
    const run = await world.run({ ...request, prefixes: ['p'] });
    expect(run).toMatchObject({ status: 'FAILED', report: { listed: 2, copied: 1, same: 1, missing: 2 } });
    expect(await digestOf(destination, 'to/d/p/x')).toEqual(await digestOf(source, 'd/p/x', first));
  });
});

describe('what a bucket with versions makes of a copy', () => {
  it.each(['staged', 'direct'])(
    '%s: a version that was begun later stays current, and is a conflict',
    async (strategy) => {
      const { source, destination } = await world.buckets();
      await enable(destination);
      await world.putParts(source, 'x', 2);
      const hook = { operation: 'CompleteMultipartUpload', bucket: destination, key: 'x', times: 1 };
      world.store.rules.hook(hook, () => world.put(destination, 'x', 'of somebody else'));
      const request = { src: `s3://${source}`, dest: `s3://${destination}`, strategy, overwrite: 'always' };
      const run = await world.run(request);
      expect(run).toMatchObject({ status: 'FAILED', report: { conflict: 1, copied: 0 } });
      expect(await world.text(destination, 'x')).toBe('of somebody else');
      expect(await world.redrive(run)).toMatchObject({ status: 'SUCCEEDED', report: { copied: 1 } });
      expect(await world.content(destination)).toEqual(await world.content(source));
    },
  );

  it('copies to where a delete marker is, and copies none', async () => {
    const { source, destination } = await world.buckets();
    for (const Bucket of [source, destination]) await enable(Bucket);
    for (const key of ['x', 'marked']) await world.put(source, key);
    await world.s3.send(new DeleteObjectCommand({ Bucket: source, Key: 'marked' }));
    await world.put(destination, 'x', 'old');
    await world.s3.send(new DeleteObjectCommand({ Bucket: destination, Key: 'x' }));
    const request = { src: `s3://${source}`, dest: `s3://${destination}` };
    const run = await world.run(request);
    expect(run).toMatchObject({ status: 'SUCCEEDED', report: { listed: 1, copied: 1 } });
    const named = await world.run({ ...request, files: ['x', 'marked'] });
    expect(named).toMatchObject({ status: 'FAILED', report: { same: 1, missing: 1 } });
    const head = await world.s3.send(new HeadObjectCommand({ Bucket: destination, Key: 'x' }));
    expect(await versionsOf(destination, 'x')).toContain(head.VersionId);
  });
});
