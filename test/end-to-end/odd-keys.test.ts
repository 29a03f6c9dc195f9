import { ListMultipartUploadsCommand, ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { AnyServer, guarantee, waysOf } from './any-server.ts';
import type { World } from './world.ts';

/** Each would be another key, or none at all, when decoded once too often or too little. */
const oddKeys = [
  '100% done.txt',
  '50%25',
  'a b',
  'a+b',
  'dir+x/only+plus',
  'dir+x/photo one.jpg',
  'dir+x/photo%20one.jpg',
  'q?x=1&y',
  'ümlaut 日本 😀',
  '~tilde',
];

/** Some servers list keys as they are although they are asked to encode them: the sandbox store is one of them here. */
describe('keys with blanks, plus and percent signs', () => {
  let server: AnyServer;
  let world: World;
  beforeAll(async () => {
    server = await AnyServer.start();
    world = server.world;
    world.local.store?.rules.add({ kind: 'ignore-parameter', parameter: 'encoding-type' });
  });
  afterAll(() => world.stop());

  guarantee('arrive as they are, and are known the second time', async () => {
    const { source, destination, request } = await server.ends();
    for (const key of oddKeys) await world.put(source, key);
    expect(await world.run(request)).toMatchObject({ status: 'SUCCEEDED', report: { copied: 10 } });
    expect(await world.content(destination)).toEqual(await world.content(source));
    expect(await world.run(request)).toMatchObject({ report: { planned: 0, same: 10 } });
  });

  guarantee('arrive in parts, with their metadata and tags, and leave no part files', async () => {
    for (const way of waysOf('staged')) {
      const { source, destination, request } = await server.ends({ ...way, keepParts: false });
      await server.keepVersions(destination);
      const properties = { Metadata: { owner: 'a+b 50%25' }, Tagging: 'k%2B=a%2Bb%20%3D%20c' };
      for (const key of ['a+b', '50%25 x/big']) await world.putParts(source, key, 3, properties);
      expect(await world.run(request)).toMatchObject({ status: 'SUCCEEDED', report: { copied: 2 } });
      expect(await world.content(destination)).toEqual(await world.content(source));
      for (const key of ['a+b', '50%25 x/big']) {
        expect(await world.properties(destination, key)).toMatchObject({
          metadata: { owner: 'a+b 50%25' },
          tags: { 'k+': 'a+b = c' },
        });
      }
      const { Versions = [], DeleteMarkers = [] } = await world.s3.send(
        new ListObjectVersionsCommand({ Bucket: destination }),
      );
      const left = [...Versions, ...DeleteMarkers].map(({ Key }) => Key);
      expect(left.sort()).toEqual(['50%25 x/big', 'a+b']);
      const { Uploads = [] } = await world.s3.send(new ListMultipartUploadsCommand({ Bucket: destination }));
      expect(Uploads).toEqual([]);
    }
  });

  guarantee('are deleted where the source lacks them, and no others', async () => {
    const { source, destination, request } = await server.ends({ delete: true });
    for (const key of oddKeys) await world.put(source, key);
    for (const key of ['a b', 'extra 1', 'extra%201', 'extra+1']) await world.put(destination, key);
    expect(await world.run(request)).toMatchObject({ status: 'SUCCEEDED', report: { deleted: 3 } });
    expect(await world.content(destination)).toEqual(await world.content(source));
  });

  guarantee('are found by names in a list, by prefixes and by filters', async () => {
    const { source, destination, request } = await server.ends();
    for (const key of oddKeys) await world.put(source, key);
    await world.put(source, 'list.txt', '50%25\na+b\n');
    const listed = await world.run({ ...request, filesFrom: `s3://${source}/list.txt` });
    expect(listed).toMatchObject({ status: 'SUCCEEDED', report: { copied: 2 } });
    const below = await world.run({ ...request, prefixes: ['dir+x/*'], include: ['*%20*'] });
    expect(below).toMatchObject({ status: 'SUCCEEDED', report: { copied: 1 } });
    expect(await world.keys(destination)).toEqual(['50%25', 'a+b', 'dir+x/photo%20one.jpg']);
  });
});
