import { afterAll, beforeAll, expect, it } from 'vitest';
import { compareKeys } from '../../core/model/bytes.ts';
import { noLines } from '../../core/model/list-lines.ts';
import { readSourcePath } from '../../core/model/paths.ts';
import { ObjectStore } from '../../core/s3/object-store.ts';
import { RequestLimiter } from '../../core/s3/request-limiter.ts';
import { listedKeys } from '../../lambdas/plan/lists.ts';
import { World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await World.shared();
});
afterAll(() => world.stop());

/** Reads a list as one of more lines than are sorted. */
async function readLong(bucket: string, path: string): Promise<string[]> {
  const store = new ObjectStore(world.s3);
  const list = {
    location: { bucket, path },
    store,
    limiter: new RequestLimiter(1),
    lines: noLines('filesFrom'),
  };
  const keys: string[] = [];
  for await (const { key } of listedKeys(list, readSourcePath(''), 1)) keys.push(key);
  return keys;
}

it('lists what failed, was refused and is missing in order of bytes, so that the next run can read it as a list of any length', async () => {
  const { source, destination } = await world.buckets();
  const small = Array.from({ length: 520 }, (_, n) => `key-${n}`).concat('key-\uFFFD', 'key-\u{1F600}');
  const big = ['key-100-big', 'key-300-big'];
  const refused = ['key-200/temp/x/1234567/parts/part-00001', 'temp/k/1234567/parts/part-00001'];
  const missing = ['a', 'key-250-missing', 'z'];
  await Promise.all([...small, ...refused].map((key) => world.put(source, key, 'x')));
  for (const key of big) await world.putParts(source, key, 2);
  const failing = (key: string) => !/[357]$/.test(key);
  const rules = [...small, ...big]
    .filter(failing)
    .map((key) => world.store.rules.add({ kind: 'deny', action: 's3:PutObject', bucket: destination, key }));
  const request = { src: `s3://${source}`, dest: `s3://${destination}`, fanOutAbove: '5MiB' };
  const files = [...small, ...big, ...refused, ...missing].toReversed().join('\n');
  await world.put(world.local.workBucket, 'lists/all.txt', files);
  const filesFrom = `s3://${world.local.workBucket}/lists/all.txt`;
  const run = await world.run({ ...request, filesFrom });
  expect(run).toMatchObject({ status: 'FAILED', report: { refused: 1, missing: 3 } });

  const wrong = [...[...small, ...big].filter(failing), refused[1] as string, ...missing];
  expect(run.failures.map(({ sourceKey }) => sourceKey)).toEqual(wrong.toSorted(compareKeys));
  const path = `runs/${run.name}/report/failures.jsonl`;
  expect(await readLong(world.local.workBucket, path)).toEqual(wrong.toSorted(compareKeys));

  // One ascending sequence each of the objects, of the large ones and of the plan: what is merged does not grow.
  const sequences = (await world.keys(world.local.workBucket)).filter((key) =>
    key.startsWith(`runs/${run.name}/report/cursor/1-0/sorted-`),
  );
  expect(sequences).toHaveLength(3);

  for (const rule of rules) rule.remove();
  const again = await world.run({ ...request, filesFrom: `s3://${world.local.workBucket}/${path}` });
  expect(again.report).toMatchObject({ copied: wrong.length - 4, refused: 1, missing: 3 });
  expect(again.failures).toMatchObject([
    { sourceKey: 'a', status: 'missing' },
    { sourceKey: 'key-250-missing', status: 'missing' },
    { sourceKey: refused[1], status: 'refused' },
    { sourceKey: 'z', status: 'missing' },
  ]);
});
