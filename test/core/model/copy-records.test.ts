import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  attests,
  type CopyRecord,
  copyRecordPaths,
  cutIntoFiles,
  findPair,
  isImplied,
  isOfPair,
  makeCopyRecord,
  namesVersions,
  pairFolder,
} from '../../../core/model/copy-records.ts';
import { mapKey } from '../../../core/model/paths.ts';
import type { ObjectResult } from '../../../core/model/results.ts';
import { hashes } from '../node-hashes.ts';

const a = 'a'.repeat(32);
const b = 'b'.repeat(32);
const copyRecord: CopyRecord = { key: 'k', source: `${a}-2`, target: b, proof: 'checksum' };
const versions = { source: { etag: `${a}-2` }, destination: { etag: b } };

describe('a copy record', () => {
  it.each([
    { why: 'is about the two versions that it names', versions, is: true },
    { why: 'is not about another source', versions: { ...versions, source: { etag: a } }, is: false },
    { why: 'is not about another target', versions: { ...versions, destination: { etag: a } }, is: false },
    { why: 'has no sides', versions: { source: { etag: b }, destination: { etag: `${a}-2` } }, is: false },
  ])('$why', ({ versions: both, is }) => {
    expect(namesVersions(copyRecord, both)).toBe(is);
    expect(attests(copyRecord, both, 'best')).toBe(is);
    expect(attests(copyRecord, both, 'required')).toBe(is);
  });

  it('of the size alone is not what somebody takes who requires a proof', () => {
    const ofSize: CopyRecord = { ...copyRecord, proof: 'size' };
    expect(attests(ofSize, versions, 'best')).toBe(true);
    expect(attests(ofSize, versions, 'required')).toBe(false);
    expect(namesVersions(ofSize, versions)).toBe(true);
  });

  it('is needless where the ETags tell as much', () => {
    expect(isImplied({ source: a, target: a }, hashes)).toBe(true);
    expect(isImplied({ source: a, target: b }, hashes)).toBe(false);
    const onePart = { source: '0'.repeat(32), target: '4ae71336e44bf9bf79d2752e234818a5-1' };
    expect(isImplied(onePart, hashes)).toBe(true);
  });
});

describe('makeCopyRecord', () => {
  const copied: ObjectResult = {
    line: 0,
    status: 'copied',
    proof: 'checksum',
    sourceEtag: `${a}-2`,
    etag: b,
  };

  it('is made of what a copy has proven', () => {
    expect(makeCopyRecord('k', copied, hashes)).toEqual(copyRecord);
  });

  it.each([
    { why: 'a failure proves nothing', result: { status: 'failed' as const } },
    { why: 'nothing tells that the destination was made of it', result: { sourceEtag: undefined } },
    { why: 'the ETag of the copy is unknown', result: { etag: undefined } },
    { why: 'a server told an empty ETag', result: { etag: '' } },
    { why: 'it has no proof', result: { proof: undefined } },
    { why: 'equal ETags need none', result: { sourceEtag: b } },
  ])('is nothing when $why', ({ result }) => {
    expect(makeCopyRecord('k', { ...copied, ...result }, hashes)).toBeUndefined();
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
    expect(findPair('s', 'd', { base, folder })).toEqual({
      source: 's',
      base: is[0],
      destination: 'd',
      folder: is[1],
    });
  });

  const folders = fc.array(fc.constantFrom('a/', 'b/', '/'), { maxLength: 4 }).map((parts) => parts.join(''));

  it('maps every key as the run does, so that a copy record is of one destination key alone', () => {
    fc.assert(
      fc.property(folders, folders, fc.string(), (base, folder, rest) => {
        const mapping = { base, folder };
        expect(mapKey(findPair('s', 'd', mapping), base + rest)).toBe(mapKey(mapping, base + rest));
      }),
    );
  });

  it('keeps its files in one folder, which is listed for them', () => {
    expect(copyRecordPaths.file('name')).toBe(`${copyRecordPaths.files}name.jsonl`);
    expect(copyRecordPaths.index.startsWith(copyRecordPaths.files)).toBe(false);
  });

  it('has a folder of its own', () => {
    const pair = findPair('s', 'd', { base: '', folder: 'f/' });
    expect(pairFolder(pair, hashes)).toMatch(/^copy-records\/s\/d\/[0-9a-f]{16}\/$/);
    const others = [
      { ...pair, source: 'x' },
      { ...pair, destination: 'x' },
      { ...pair, base: 'x/' },
      { ...pair, folder: 'x/' },
    ];
    expect(isOfPair(pair, { ...pair })).toBe(true);
    for (const other of others) {
      expect(isOfPair(pair, other)).toBe(false);
      expect(pairFolder(other, hashes)).not.toBe(pairFolder(pair, hashes));
    }
  });
});

describe('cutIntoFiles', () => {
  it('keeps all copy records in order, in files of about one length', () => {
    fc.assert(
      fc.property(fc.nat(200), fc.integer({ min: 1, max: 40 }), (count, most) => {
        const all = Array.from({ length: count }, (_, n): CopyRecord => ({ ...copyRecord, key: `${n}` }));
        const files = cutIntoFiles(all, most);
        expect(files.flat()).toEqual(all);
        const lengths = files.map(({ length }) => length);
        expect(Math.max(0, ...lengths)).toBeLessThanOrEqual(most);
        if (count > 0) expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(1);
        expect(files).toHaveLength(Math.ceil(count / most));
      }),
    );
  });

  it('cuts one copy record too many into two halves', () => {
    const all = Array.from({ length: 20_001 }, (_, n): CopyRecord => ({ ...copyRecord, key: `${n}` }));
    expect(cutIntoFiles(all).map(({ length }) => length)).toEqual([10_000, 10_001]);
  });
});
