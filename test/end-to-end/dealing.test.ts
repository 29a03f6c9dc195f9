import { afterAll, beforeAll, expect, it } from 'vitest';
import { World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await World.shared();
});
afterAll(() => world.stop());

it('packs each object to one batch of its map, large ones to one each', async () => {
  const { source, destination } = await world.buckets();
  const small = Array.from({ length: 520 }, (_, n) => `key-${n}`);
  await Promise.all(small.map((key) => world.put(source, key, 'x')));
  for (const key of ['big/1', 'big/2']) await world.putParts(source, key, 2);
  const request = { src: `s3://${source}`, dest: `s3://${destination}`, fanOutAbove: '5MiB' };
  const run = await world.run(request);
  expect(run).toMatchObject({ status: 'SUCCEEDED', report: { copied: 522 } });
  const batches = (await world.keys(world.local.workBucket)).filter((key) =>
    key.startsWith(`runs/${run.name}/batches/1/`),
  );
  expect(batches.map((key) => key.split('/').slice(4).join('/'))).toEqual([
    'multipart/000001.jsonl',
    'multipart/000002.jsonl',
    'objects/000001.jsonl',
    'objects/000002.jsonl',
    'objects/000003.jsonl',
  ]);
  const packed = await Promise.all(batches.map((key) => world.text(world.local.workBucket, key)));
  const keys = packed.flatMap((text) =>
    (text ?? '')
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { key: string }).key),
  );
  expect(keys.toSorted()).toEqual([...small, 'big/1', 'big/2'].toSorted());
});
