import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { World } from '../../end-to-end/world.ts';

describe('the content type of what s3copy writes', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.shared();
  });
  afterAll(() => world.stop());

  const typeOf = async (Bucket: string, Key: string) =>
    (await world.s3.send(new HeadObjectCommand({ Bucket, Key }))).ContentType;

  it('lets a browser open the page of a report, and programs tell its other files', async () => {
    const { source, destination } = await world.buckets();
    await world.put(source, 'cold', 'cold', { StorageClass: 'GLACIER' });
    await world.put(source, 'plain');

    const { name } = await world.run({ src: `s3://${source}`, dest: `s3://${destination}` });

    const types: Record<string, string | undefined> = {};
    for (const file of ['index.html', 'report.json', 'manifest.json', 'failures.jsonl'])
      types[file] = await typeOf(world.local.workBucket, `runs/${name}/report/${file}`);
    expect(types).toEqual({
      'index.html': 'text/html; charset=utf-8',
      'report.json': 'application/json',
      'manifest.json': 'application/json',
      'failures.jsonl': 'application/x-ndjson',
    });
  });

  it('shows the list of differences as text', async () => {
    const { source, destination } = await world.buckets();
    await world.put(source, 'ü');

    const { name } = await world.run({
      src: `s3://${source}`,
      dest: `s3://${destination}`,
      compareOnly: true,
    });

    const type = await typeOf(world.local.workBucket, `runs/${name}/report/differences.txt`);
    expect(type).toBe('text/plain; charset=utf-8');
  });

  it('is that of JSON for the small files beside part files', async () => {
    const { source, destination } = await world.buckets();
    await world.putParts(source, 'big', 2);

    await world.run({ src: `s3://${source}`, dest: `s3://${destination}` });

    const keys = (await world.keys(destination)).filter((key) => key.endsWith('.json'));
    expect(keys.map((key) => key.split('/').at(-1))).toEqual(['layout.json', 'target.json']);
    for (const key of keys) expect(await typeOf(destination, key)).toBe('application/json');
  });
});
