import {
  CreateBucketCommand,
  GetObjectAclCommand,
  GetObjectLegalHoldCommand,
  GetObjectRetentionCommand,
  PutObjectAclCommand,
  type PutObjectCommandInput,
  PutObjectTaggingCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { longTags } from '../core/copy/source-with-everything.ts';
import { AnyServer, guarantee, strategies, waysOf } from './any-server.ts';
import type { World } from './world.ts';

const properties = {
  ContentType: 'application/x-thing',
  CacheControl: 'max-age=60',
  ContentDisposition: 'attachment; filename="x"',
  ContentLanguage: 'de',
  Metadata: { owner: 'somebody' },
};

/** A multipart object and a simple one. */
const both = ['big', 'small'] as const;

const authenticated = 'http://acs.amazonaws.com/groups/global/AuthenticatedUsers';

const encryptions = [
  { algorithm: 'AES256' },
  { algorithm: 'aws:kms', key: 'arn:aws:kms:us-east-1:123456789012:key/abc', bucketKey: true },
] as const;

describe('the properties of a copy on any server', () => {
  let server: AnyServer;
  let world: World;
  beforeAll(async () => {
    server = await AnyServer.start();
    world = server.world;
  });
  afterAll(() => world.stop());

  const putBoth = async (bucket: string, given: Partial<PutObjectCommandInput> = {}) => {
    await world.putParts(bucket, 'big', 2, given);
    await world.put(bucket, 'small', 'x', given);
  };

  /** The groups that an object's access control list names. */
  async function groupsOf(Bucket: string, Key: string): Promise<readonly string[]> {
    const { Grants } = await world.s3.send(new GetObjectAclCommand({ Bucket, Key }));
    return (Grants ?? []).flatMap(({ Grantee }) => Grantee?.URI ?? []);
  }

  for (const strategy of strategies) {
    guarantee(`leaves the same headers and metadata, ${strategy}`, async () => {
      for (const way of waysOf(strategy)) {
        const { source, destination, request } = await server.ends(way);
        await world.putParts(source, 'big', 3, properties);
        await world.put(source, 'small', 'x', properties);
        await world.run(request);
        for (const key of ['big', 'small']) {
          const [wanted, got] = [await server.head(source, key), await server.head(destination, key)];
          expect(got.Metadata).toEqual({ owner: 'somebody' });
          for (const name of [
            'ContentType',
            'CacheControl',
            'ContentDisposition',
            'ContentLanguage',
          ] as const)
            expect(got[name]).toBe(wanted[name]);
        }
      }
    });

    guarantee(`leaves the same tags, ${strategy}`, async () => {
      for (const way of waysOf(strategy)) {
        const { source, destination, request } = await server.ends(way);
        await world.putParts(source, 'big', 3, { Tagging: 'a=1&b=x%20y' });
        await world.put(source, 'small', 'x', { Tagging: 'a=1&b=x%20y' });
        await world.run(request);
        for (const key of ['big', 'small'])
          expect((await world.properties(destination, key)).tags).toEqual({ a: '1', b: 'x y' });
      }
    });
  }

  guarantee('is in the storage class that is asked for, or that of the source', async () => {
    const { source, destination, request } = await server.ends({ partSize: '5MiB' });
    await world.putParts(source, 'big', 2, { StorageClass: 'STANDARD_IA' });
    await world.put(source, 'small', 'x', { StorageClass: 'STANDARD_IA' });
    await world.run({ ...request, preserve: ['storageClass'] });
    for (const key of ['big', 'small'])
      expect((await server.head(destination, key)).StorageClass).toBe('STANDARD_IA');
    await world.run({ ...request, compare: 'always' });
    for (const key of ['big', 'small'])
      expect((await server.head(destination, key)).StorageClass).toBeUndefined();
    await world.run({ ...request, compare: 'always', storageClass: 'ONEZONE_IA' });
    for (const key of ['big', 'small'])
      expect((await server.head(destination, key)).StorageClass).toBe('ONEZONE_IA');
  });

  guarantee('carries access control lists where both ends have them', async () => {
    const { source, destination, request } = await server.ends({ partSize: '5MiB', preserve: ['acl'] });
    for (const bucket of [source, destination]) await server.takeLists(bucket);
    await world.putParts(source, 'big', 2);
    await world.put(source, 'small');
    for (const Key of ['big', 'small'])
      await world.s3.send(new PutObjectAclCommand({ Bucket: source, Key, ACL: 'authenticated-read' }));
    expect(await world.run(request)).toMatchObject({ status: 'SUCCEEDED', failures: [] });
    for (const key of both) expect(await groupsOf(destination, key)).toEqual([authenticated]);
  });

  guarantee('carries retention and legal hold', async () => {
    const { source } = await server.ends();
    const [from, to] = [`${source}-from`, `${source}-to`];
    for (const Bucket of [from, to])
      await world.s3.send(new CreateBucketCommand({ Bucket, ObjectLockEnabledForBucket: true }));
    const until = new Date(Math.floor(Date.now() / 1_000) * 1_000 + 86_400_000);
    const lock = {
      ObjectLockMode: 'GOVERNANCE' as const,
      ObjectLockRetainUntilDate: until,
      ObjectLockLegalHoldStatus: 'ON' as const,
    };
    await world.putParts(from, 'big', 2, lock);
    await world.put(from, 'small', 'x', { ...lock, ChecksumAlgorithm: 'CRC32' });
    const request = { src: `s3://${from}`, dest: `s3://${to}`, preserve: ['objectLock'], strategy: 'direct' };
    expect(await world.run({ ...request, partSize: '5MiB' })).toMatchObject({
      status: 'SUCCEEDED',
      failures: [],
    });
    for (const Key of ['big', 'small']) {
      const at = { Bucket: to, Key };
      const { Retention } = await world.s3.send(new GetObjectRetentionCommand(at));
      expect(Retention).toEqual({ Mode: 'GOVERNANCE', RetainUntilDate: until });
      const { LegalHold } = await world.s3.send(new GetObjectLegalHoldCommand(at));
      expect(LegalHold?.Status).toBe('ON');
    }
  });

  guarantee('has the canned access control list, or the grants, that are asked for', async () => {
    for (const asked of [{ acl: 'authenticated-read' }, { aclGrant: [`READ:uri=${authenticated}`] }]) {
      const { destination, request, source } = await server.ends(asked);
      await server.takeLists(destination);
      await putBoth(source);
      expect(await world.run(request)).toMatchObject({ status: 'SUCCEEDED', failures: [] });
      for (const key of both) expect(await groupsOf(destination, key)).toEqual([authenticated]);
    }
  });

  guarantee('carries tags that no header holds', async () => {
    const { source, destination, request } = await server.ends();
    await putBoth(source);
    const TagSet = longTags.map(({ Key, Value }) => ({ Key, Value }));
    for (const Key of both)
      await world.s3.send(new PutObjectTaggingCommand({ Bucket: source, Key, Tagging: { TagSet } }));
    expect(await world.run(request)).toMatchObject({ status: 'SUCCEEDED', failures: [] });
    const wanted = Object.fromEntries(TagSet.map(({ Key, Value }) => [Key, Value]));
    for (const key of both) expect((await world.properties(destination, key)).tags).toEqual(wanted);
  });

  guarantee('carries the redirect of a website', async () => {
    const { source, destination, request } = await server.ends({ preserve: ['redirect'] });
    await putBoth(source, { WebsiteRedirectLocation: '/elsewhere' });
    expect(await world.run(request)).toMatchObject({ status: 'SUCCEEDED', failures: [] });
    for (const key of both)
      expect((await server.head(destination, key)).WebsiteRedirectLocation).toBe('/elsewhere');
  });

  for (const strategy of strategies) {
    guarantee(`is encrypted as asked, and the same the next time, ${strategy}`, async () => {
      for (const sse of encryptions) {
        const { source, destination, request } = await server.ends({ sse, strategy });
        await putBoth(source);
        expect(await world.run(request)).toMatchObject({ status: 'SUCCEEDED', failures: [] });
        for (const key of both)
          expect((await server.head(destination, key)).ServerSideEncryption).toBe(sse.algorithm);
        expect(await world.content(destination)).toEqual(await world.content(source));
        expect(await world.run(request)).toMatchObject({ report: { planned: 0, same: 2 } });
      }
    });
  }
});
