import { describe, expect, it } from 'vitest';
import { PartFolders } from '../../../core/diff/part-folders.ts';
import { layoutFolders, layoutText, partFileKeys } from '../../../core/model/part-files.ts';
import type { TargetRecord } from '../../../core/multipart/staging-area.ts';
import { hashes } from '../../../core/rules/hashes.ts';
import type { Run } from '../../../core/run/open-run.ts';
import { S3Error } from '../../../core/s3/failures.ts';
import { RequestLimiter } from '../../../core/s3/request-limiter.ts';

const origin = { bucket: 'first', key: 'a/big', etag: `${'0123456789abcdef'.repeat(2)}-3`, size: 12 };
const layout = { v: 1, source: origin, partSize: 5 } as const;
const [folder, second] = layoutFolders('temp/', layout, hashes);
const target: TargetRecord = {
  v: 1,
  run: 'earlier',
  source: origin,
  target: { ...origin, bucket: 'source' },
};

/** A source that has these texts, and how often it was read. */
function sourceOf(texts: Readonly<Record<string, string>>) {
  let reads = 0;
  async function* chunksOf(text: string) {
    for (let at = 0; at < text.length; at += 65_536) yield Buffer.from(text.slice(at, at + 65_536));
  }
  const stream = async ({ key }: { key: string }) => {
    reads += 1;
    const text = texts[key];
    if (text === 'denied') {
      throw new S3Error('GetObject', key, { code: 'AccessDenied', status: 403, region: undefined }, 'denied');
    }
    return text === undefined ? undefined : chunksOf(text);
  };
  const run = { source: { bucket: 'source', store: { stream } } } as unknown as Run;
  const folders = new PartFolders();
  const has = (key: string) => folders.hasFile(run, key, new RequestLimiter(4));
  return { has, reads: () => reads };
}

const part = (of: string) => partFileKeys.part(of, 1);

describe('a file of the source is a part file of s3copy', () => {
  it.each([
    { folder, texts: { [partFileKeys.layout(folder)]: layoutText(layout) }, why: 'its layout tells so' },
    { folder, texts: { [partFileKeys.target(folder)]: JSON.stringify(target) }, why: 'its target tells so' },
    {
      folder: second,
      texts: { [partFileKeys.layout(second)]: layoutText(layout) },
      why: 'in its other folder',
    },
    {
      folder: `sub/${folder}`,
      texts: { [partFileKeys.layout(`sub/${folder}`)]: layoutText(layout) },
      why: 'wherever its folder was copied to',
    },
  ])('when $why: $folder', async ({ folder: of, texts }) => {
    const { has } = sourceOf(texts);

    expect(await has(part(of))).toBe(true);
  });

  it('and its folder is looked at once for all its files', async () => {
    const { has, reads } = sourceOf({ [partFileKeys.layout(folder)]: layoutText(layout) });

    const all = await Promise.all([1, 2, 3, 4].map((n) => has(partFileKeys.temp(folder, n))));

    expect(all).toEqual([true, true, true, true]);
    expect(reads()).toBe(1);
  });
});

describe('a file of the source is data', () => {
  const elsewhere = `${folder.slice(0, -7)}7654321`;
  it.each([
    { key: 'temp/a/big', texts: {}, why: 'of another name' },
    { key: part(folder), texts: {}, why: 'without any record' },
    {
      key: part(folder),
      texts: { [partFileKeys.layout(folder)]: '{"pages": 3}' },
      why: 'beside a layout of its own',
    },
    {
      key: part(folder),
      texts: { [partFileKeys.layout(folder)]: 'denied' },
      why: 'whose record may not be read',
    },
    {
      key: part(elsewhere),
      texts: { [partFileKeys.layout(elsewhere)]: layoutText(layout) },
      why: 'beside a record that is about another version',
    },
    {
      key: part('temp/b/0123456'),
      texts: { [partFileKeys.layout('temp/b/0123456')]: layoutText(layout) },
      why: 'beside a record that is about another key',
    },
    {
      key: part(folder),
      texts: { [partFileKeys.layout(folder)]: layoutText(layout) + ' '.repeat(2 ** 20) },
      why: 'beside a text that is too long for a record',
    },
  ])('$why: $key', async ({ key, texts }) => {
    const { has } = sourceOf(texts);

    expect(await has(key)).toBe(false);
  });
});
