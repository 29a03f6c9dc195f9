import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AbortMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  ListObjectVersionsCommand,
  PutObjectLockConfigurationCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { localCredentials } from '../../cli/local/local-credentials.ts';
import { Terminal } from '../cli/terminal.ts';
import { AnyServer, guarantee, judge, strategies, waysOf } from './any-server.ts';
import type { World } from './world.ts';

/** The command line on the same server, with an engine of its own. */
function commandLine(world: World, folder: string, ...line: readonly string[]): Terminal {
  const { accessKeyId, secretAccessKey } = judge ?? localCredentials;
  const here = ['--local', '--data', folder, '--endpoint-url', world.local.s3Url];
  const keys = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
  return new Terminal([...here, ...line], { ...keys, AWS_REGION: 'us-east-1' });
}

describe('a copy on any server', () => {
  let server: AnyServer;
  let world: World;
  beforeAll(async () => {
    server = await AnyServer.start();
    world = server.world;
  });
  afterAll(() => world.stop());

  for (const strategy of strategies) {
    guarantee(`brings every byte over, ${strategy}, in a worker and fanned out`, async () => {
      for (const way of waysOf(strategy)) {
        const { source, destination, request } = await server.ends(way);
        await world.putParts(source, 'big', 3);
        await world.put(source, 'small');
        const ended = await world.run(request);
        expect(ended).toMatchObject({ status: 'SUCCEEDED', report: { copied: 2, failed: 0 }, failures: [] });
        expect(await world.content(destination)).toEqual(await world.content(source));
        expect(await world.openUploads(destination)).toEqual([]);
        const hasTemp = (await world.keys(destination)).some((key) => key.startsWith('temp/'));
        expect(hasTemp).toBe(strategy === 'staged');
      }
    });

    guarantee(`has the ETag of its source with the parts of the source, ${strategy}`, async () => {
      const { source, destination, request } = await server.ends({ strategy, partSize: 'source' });
      await world.putParts(source, 'big', 3);
      expect(await world.run(request)).toMatchObject({ report: { copied: 1 }, failures: [] });
      expect((await server.head(destination, 'big')).ETag).toBe((await server.head(source, 'big')).ETag);
      expect(await world.run(request)).toMatchObject({ report: { planned: 0, same: 1 } });
    });

    guarantee(`is held to the checksum of the source before it is published, ${strategy}`, async () => {
      const { source, destination, request } = await server.ends({ strategy, partSize: '6MiB' });
      await world.putParts(source, 'big', 3, { ChecksumAlgorithm: 'CRC64NVME' });
      const { report } = await world.run(request);
      expect(report?.proofs).toEqual({ checksum: 1, etag: 0, 'part-md5s': 0 });
      const [wanted, got] = [await server.head(source, 'big'), await server.head(destination, 'big')];
      expect(got.ChecksumCRC64NVME).toBe(wanted.ChecksumCRC64NVME);
      expect(wanted.ChecksumCRC64NVME).toBeDefined();
    });
  }

  guarantee('refuses to stage where part files would be locked', async () => {
    const { source, request } = await server.ends();
    const Bucket = `${source}-locked`;
    await world.s3.send(new CreateBucketCommand({ Bucket, ObjectLockEnabledForBucket: true }));
    const Rule = { DefaultRetention: { Mode: 'GOVERNANCE' as const, Days: 1 } };
    const ObjectLockConfiguration = { ObjectLockEnabled: 'Enabled' as const, Rule };
    await world.s3.send(new PutObjectLockConfigurationCommand({ Bucket, ObjectLockConfiguration }));
    const run = await world.run({ ...request, dest: `s3://${Bucket}` });
    expect(run).toMatchObject({ status: 'FAILED', error: 'InvalidRequestError' });
    expect(run.cause).toContain('retains each object for 1 days');
  });

  guarantee('leaves archived objects out by name', async () => {
    const { source, destination, request } = await server.ends({ preserve: ['storageClass'] });
    await world.put(source, 'cold', 'x', { StorageClass: 'GLACIER' });
    await world.put(source, 'warm');
    const failed = await world.run(request);
    expect(failed).toMatchObject({ status: 'FAILED', report: { copied: 1, archived: 1 } });
    const skipped = await world.run({ ...request, archived: 'skip' });
    expect(skipped).toMatchObject({ status: 'SUCCEEDED', report: { same: 1, filtered: 1 } });
    expect(await world.keys(destination)).toEqual(['warm']);
  });

  guarantee('copies the version that a list names', async () => {
    const { source, destination, request } = await server.ends();
    await server.keepVersions(source);
    for (const n of [1, 2]) await world.put(source, 'x', `version ${n}`);
    const { Versions = [] } = await world.s3.send(
      new ListObjectVersionsCommand({ Bucket: source, Prefix: 'x' }),
    );
    const old = Versions.find(({ IsLatest }) => IsLatest !== true)?.VersionId;
    await world.put(source, 'lists/x.jsonl', `${JSON.stringify({ key: 'x', versionId: old })}\n`);
    const run = await world.run({ ...request, filesFrom: `s3://${source}/lists/x.jsonl` });
    expect(run).toMatchObject({ status: 'SUCCEEDED', report: { copied: 1 } });
    expect(await world.text(destination, 'x')).toBe('version 1');
  });

  guarantee('is the current version, and its part files are removed by version', async () => {
    const { source, destination, request } = await server.ends({ partSize: '5MiB', keepParts: false });
    await server.keepVersions(destination);
    await world.putParts(destination, 'big', 2, {}, 9);
    await world.putParts(source, 'big', 3);
    expect(await world.run(request)).toMatchObject({ status: 'SUCCEEDED', report: { copied: 1 } });
    expect((await world.content(destination))['big']).toBe((await world.content(source))['big']);
    const listed = await world.s3.send(
      new ListObjectVersionsCommand({ Bucket: destination, Prefix: 'temp/' }),
    );
    const left = [...(listed.Versions ?? []), ...(listed.DeleteMarkers ?? [])].map(({ Key = '' }) => Key);
    expect(left.filter((key) => key.includes('/parts/'))).toEqual([]);
  });

  guarantee('does not take delete markers for objects', async () => {
    const { source, destination, request } = await server.ends();
    await server.keepVersions(source);
    for (const key of ['a', 'b']) await world.put(source, key);
    await world.s3.send(new DeleteObjectCommand({ Bucket: source, Key: 'a' }));
    expect(await world.run(request)).toMatchObject({ status: 'SUCCEEDED', report: { listed: 1 } });
    expect(await world.keys(destination)).toEqual(['b']);
  });

  guarantee('deletes what the source lacks when told to, and nothing else', async () => {
    const { source, destination, request } = await server.ends({ delete: true });
    for (const key of ['a', 'b', 'dir/c']) await world.put(source, key);
    for (const key of ['a', 'gone', 'dir/gone', ' blank']) await world.put(destination, key);
    const run = await world.run({ ...request, exclude: ['dir/*'] });
    expect(run).toMatchObject({ status: 'SUCCEEDED', report: { deleted: 2 } });
    expect(await world.keys(destination)).toEqual(['a', 'b', 'dir/gone']);
  });

  guarantee('compares and copies nothing when told to', async () => {
    const { source, destination, request } = await server.ends({ compareOnly: true });
    for (const [key, body] of [
      ['new', 'x'],
      ['other', 'x'],
      ['same', 'x'],
    ] as const)
      await world.put(source, key, body);
    for (const [key, body] of [
      ['extra', 'x'],
      ['other', 'longer'],
      ['same', 'x'],
    ] as const)
      await world.put(destination, key, body);
    const { report } = await world.run(request);
    const at = report?.files.differences?.replace('s3://s3copy-work/', '') ?? '';
    expect((await world.text('s3copy-work', at))?.split('\n')).toEqual([
      '- extra',
      '+ new',
      '* other',
      '= same',
      '',
    ]);
    expect(await world.keys(destination)).toEqual(['extra', 'other', 'same']);
  });

  guarantee('replaces nothing when told never to', async () => {
    const { source, destination, request } = await server.ends({ overwrite: 'never' });
    for (const key of ['a', 'b']) await world.put(source, key);
    await world.put(destination, 'a', 'of somebody else');
    expect(await world.run(request)).toMatchObject({ report: { copied: 1, filtered: 1 } });
    expect(await world.text(destination, 'a')).toBe('of somebody else');
  });

  guarantee('copies nothing the second time, also with other part sizes', async () => {
    const { source, request } = await server.ends({ partSize: '6MiB' });
    await world.putParts(source, 'big', 3);
    await world.put(source, 'small');
    expect(await world.run(request)).toMatchObject({ report: { copied: 2 }, failures: [] });
    expect(await world.run(request)).toMatchObject({ status: 'SUCCEEDED', report: { planned: 0, same: 2 } });
  });

  guarantee('is refused where the bucket has another owner', async () => {
    const { source, request } = await server.ends({ srcOwner: '999999999999' });
    await world.put(source, 'a');
    const run = await world.run(request);
    expect(run).toMatchObject({ status: 'FAILED' });
    expect(run.cause).toContain('srcOwner');
  });

  guarantee('looks at what filters let pass, at lists, and at the failures of an earlier run', async () => {
    const { source, destination, request } = await server.ends();
    for (const key of ['a.jpg', 'x/b.jpg', 'x/c.txt', 'x/tmp/d.jpg', 'e.png']) await world.put(source, key);
    const filtered = await world.run({ ...request, include: ['*.jpg'], exclude: ['*/tmp/*'] });
    expect(filtered).toMatchObject({ status: 'SUCCEEDED', report: { copied: 2, filtered: 3 } });
    await world.put(source, 'keys.txt', '# names\nx/c.txt\nnone\n');
    await world.put(source, 'paths.txt', 'x*\n');
    const listed = await world.run({ ...request, filesFrom: `s3://${source}/keys.txt` });
    expect(listed).toMatchObject({ status: 'FAILED', report: { copied: 1, missing: 1 } });
    await world.put(source, 'none');
    const failed = await world.run({ ...request, filesFrom: listed.report?.files.failures });
    expect(failed).toMatchObject({ status: 'SUCCEEDED', report: { copied: 1 } });
    const below = await world.run({ ...request, prefixesFrom: `s3://${source}/paths.txt` });
    expect(below).toMatchObject({ status: 'SUCCEEDED', report: { listed: 3, copied: 1 } });
    expect(await world.keys(destination)).toEqual(['a.jpg', 'none', 'x/b.jpg', 'x/c.txt', 'x/tmp/d.jpg']);
  });

  guarantee('keeps part files in a bucket of their own when told to', async () => {
    const { source, destination, request } = await server.ends();
    await world.bucket(`${source}-parts`);
    await world.putParts(source, 'big', 2);
    const run = await world.run({ ...request, tempPrefix: `s3://${source}-parts/p` });
    expect(run).toMatchObject({ status: 'SUCCEEDED', failures: [] });
    expect(await world.keys(destination)).toEqual(['big']);
    expect((await world.keys(`${source}-parts`)).every((key) => key.startsWith('p/big/'))).toBe(true);
  });

  guarantee('deletes nothing when the source is empty', async () => {
    const { destination, request } = await server.ends({ delete: true });
    await world.put(destination, 'a');
    expect(await world.run(request)).toMatchObject({ error: 'DeleteGuardError' });
    expect(await world.keys(destination)).toEqual(['a']);
  });

  for (const strategy of strategies) {
    guarantee(`goes on where functions died, ${strategy}`, async () => {
      const { source, destination, request } = await server.ends({ strategy, fanOutAbove: '5MiB' });
      await world.putParts(source, 'big', 4);
      world.local.engine.addFaults(
        ['copy-parts', 'make-temp-files', 'make-part-files', 'finalize-object'].map((step) => ({
          function: `s3copy-${step}`,
          calls: 1,
          fault: { kind: 'die-after' as const },
        })),
      );
      expect(await world.run(request)).toMatchObject({ status: 'SUCCEEDED', failures: [] });
      expect(await world.content(destination)).toEqual(await world.content(source));
      expect(await world.openUploads(destination)).toEqual([]);
    });
  }

  guarantee('tells what vouches for each copy, and takes no less than is required', async () => {
    const { source, request } = await server.ends({ verify: 'required' });
    await world.putParts(source, 'big', 2);
    await world.put(source, 'small');
    const run = await world.run(request);
    expect(run).toMatchObject({ status: 'SUCCEEDED', report: { copied: 2, sizeOnly: 0 } });
  });

  guarantee('takes on the roles that the request names', async () => {
    const roles = {
      copy: 'arn:aws:iam::123456789012:role/copier',
      destination: 'arn:aws:iam::123456789012:role/lister',
    };
    const { source, destination, request } = await server.ends({ roles });
    await world.putParts(source, 'big', 2);
    expect(await world.run(request)).toMatchObject({ status: 'SUCCEEDED', failures: [] });
    expect(await world.content(destination)).toEqual(await world.content(source));
    expect(await world.run(request)).toMatchObject({ status: 'SUCCEEDED', report: { same: 1 } });
  });

  guarantee('is cleaned up behind: what the run alone needed goes, and the copy stays', async () => {
    const { source, destination, request } = await server.ends();
    await world.putParts(source, 'big', 2);
    const folder = await mkdtemp(join(tmpdir(), 's3copy-any-server-'));
    const cli = (...line: string[]) => commandLine(world, folder, ...line).ended();
    const copied = await cli(request.src, request.dest, '--part-size', '5MiB', '--name', source);
    expect(copied).toMatchObject({ code: 0 });
    const { UploadId } = await world.s3.send(
      new CreateMultipartUploadCommand({ Bucket: destination, Key: 'foreign' }),
    );
    const told = await cli('cleanup', source);
    expect(told.stdout).toContain('6 part files (10.0 MiB) are left of this run');
    expect(await cli('cleanup', source, '--yes')).toMatchObject({ code: 0, stderr: '' });
    await rm(folder, { recursive: true });
    expect(await world.keys(destination)).toEqual(['big']);
    expect(await world.openUploads(destination)).toEqual(['foreign']);
    await world.s3.send(new AbortMultipartUploadCommand({ Bucket: destination, Key: 'foreign', UploadId }));
    expect(await world.content(destination)).toEqual(await world.content(source));
  });
});
