import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  attests,
  folderOfPair,
  inFiles,
  isNeedless,
  isOfPair,
  names,
  pairOf,
  type Receipt,
  receiptOf,
  receiptPaths,
} from '../../../core/model/copy-records.ts';
import { mapKey } from '../../../core/model/paths.ts';
import type { ObjectResult } from '../../../core/model/results.ts';
import { hashes } from '../node-hashes.ts';

const a = 'a'.repeat(32);
const b = 'b'.repeat(32);
const receipt: Receipt = { key: 'k', source: `${a}-2`, target: b, proof: 'checksum' };
const versions = { source: { etag: `${a}-2` }, destination: { etag: b } };

describe('a receipt', () => {
  it.each([
    { why: 'is about the two versions that it names', versions, is: true },
    { why: 'is not about another source', versions: { ...versions, source: { etag: a } }, is: false },
    { why: 'is not about another target', versions: { ...versions, destination: { etag: a } }, is: false },
    { why: 'has no sides', versions: { source: { etag: b }, destination: { etag: `${a}-2` } }, is: false },
  ])('$why', ({ versions: both, is }) => {
    expect(names(receipt, both)).toBe(is);
    expect(attests(receipt, both, 'best')).toBe(is);
    expect(attests(receipt, both, 'required')).toBe(is);
  });

  it('of the size alone is not what somebody takes who requires a proof', () => {
    const ofSize: Receipt = { ...receipt, proof: 'size' };
    expect(attests(ofSize, versions, 'best')).toBe(true);
    expect(attests(ofSize, versions, 'required')).toBe(false);
    expect(names(ofSize, versions)).toBe(true);
  });

  it('is needless where the ETags tell as much', () => {
    expect(isNeedless({ source: a, target: a }, hashes)).toBe(true);
    expect(isNeedless({ source: a, target: b }, hashes)).toBe(false);
    const onePart = { source: '0'.repeat(32), target: '4ae71336e44bf9bf79d2752e234818a5-1' };
    expect(isNeedless(onePart, hashes)).toBe(true);
  });
});

describe('receiptOf', () => {
  const copied: ObjectResult = {
    line: 0,
    status: 'copied',
    proof: 'checksum',
    sourceEtag: `${a}-2`,
    etag: b,
  };

  it('is made of what a copy has proven', () => {
    expect(receiptOf('k', copied, hashes)).toEqual(receipt);
  });

  it.each([
    { why: 'a failure proves nothing', result: { status: 'failed' as const } },
    { why: 'nothing tells that the destination was made of it', result: { sourceEtag: undefined } },
    { why: 'the ETag of the copy is unknown', result: { etag: undefined } },
    { why: 'a server told an empty ETag', result: { etag: '' } },
    { why: 'it has no proof', result: { proof: undefined } },
    { why: 'equal ETags need none', result: { sourceEtag: b } },
  ])('is nothing when $why', ({ result }) => {
    expect(receiptOf('k', { ...copied, ...result }, hashes)).toBeUndefined();
  });
});

describe('the pair of two ends', () => {
  it.each([
    { base: '', folder: '', is: ['', ''] },
    { base: 'a/', folder: 'a/', is: ['', ''] },
    { base: 'x/a/b/', folder: 'y/a/b/', is: ['x/', 'y/'] },
    { base: 'a/', folder: 'ba/', is: ['a/', 'ba/'] },
    { base: '', folder: 'a/', is: ['', 'a/'] },
    { base: 'a/', folder: '', is: ['a/', ''] },
    { base: '/', folder: '/', is: ['', ''] },
    { base: '/', folder: '', is: ['/', ''] },
    { base: 'a//', folder: 'b//', is: ['a/', 'b/'] },
  ])('of $base to $folder is $is', ({ base, folder, is }) => {
    expect(pairOf('s', 'd', { base, folder })).toEqual({
      source: 's',
      base: is[0],
      destination: 'd',
      folder: is[1],
    });
  });

  const folders = fc.array(fc.constantFrom('a/', 'b/', '/'), { maxLength: 4 }).map((parts) => parts.join(''));

  it('maps every key as the run does, so that a receipt is of one destination key alone', () => {
    fc.assert(
      fc.property(folders, folders, fc.string(), (base, folder, rest) => {
        const mapping = { base, folder };
        expect(mapKey(pairOf('s', 'd', mapping), base + rest)).toBe(mapKey(mapping, base + rest));
      }),
    );
  });

  it('keeps its files in one folder, which is listed for them', () => {
    expect(receiptPaths.file('name')).toBe(`${receiptPaths.files}name.jsonl`);
    expect(receiptPaths.index.startsWith(receiptPaths.files)).toBe(false);
  });

  it('has a folder of its own', () => {
    const pair = pairOf('s', 'd', { base: '', folder: 'f/' });
    expect(folderOfPair(pair, hashes)).toMatch(/^receipts\/s\/d\/[0-9a-f]{16}\/$/);
    const others = [
      { ...pair, source: 'x' },
      { ...pair, destination: 'x' },
      { ...pair, base: 'x/' },
      { ...pair, folder: 'x/' },
    ];
    expect(isOfPair(pair, { ...pair })).toBe(true);
    for (const other of others) {
      expect(isOfPair(pair, other)).toBe(false);
      expect(folderOfPair(other, hashes)).not.toBe(folderOfPair(pair, hashes));
    }
  });
});

describe('inFiles', () => {
  it('keeps all receipts in order, in files of about one length', () => {
    fc.assert(
      fc.property(fc.nat(200), fc.integer({ min: 1, max: 40 }), (count, most) => {
        const all = Array.from({ length: count }, (_, n): Receipt => ({ ...receipt, key: `${n}` }));
        const files = inFiles(all, most);
        expect(files.flat()).toEqual(all);
        const lengths = files.map(({ length }) => length);
        expect(Math.max(0, ...lengths)).toBeLessThanOrEqual(most);
        if (count > 0) expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(1);
        expect(files).toHaveLength(Math.ceil(count / most));
      }),
    );
  });

  it('cuts one receipt too many into two halves', () => {
    const all = Array.from({ length: 20_001 }, (_, n): Receipt => ({ ...receipt, key: `${n}` }));
    expect(inFiles(all).map(({ length }) => length)).toEqual([10_000, 10_001]);
  });
});
