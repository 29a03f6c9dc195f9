import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8Length } from '../../../core/model/bytes.ts';
import {
  type FolderContent,
  findTempFolder,
  isFolderFor,
  layoutFolders,
  layoutText,
  parseLayoutSource,
  partFileKeys,
  readWriter,
  writerMetadata,
} from '../../../core/model/part-files.ts';
import { anyKey, awkwardKeys, narrowKey } from '../arbitraries.ts';
import { hashes } from '../node-hashes.ts';

const etag = '0123456789abcdef0123456789abcdef-3';

const layout = (source: Partial<FolderContent['source']> = {}, partSize = 5_242_880): FolderContent => ({
  v: 1,
  source: { bucket: 'source', key: 'a/b', etag, size: 15_000_000, ...source },
  partSize,
});

const anyPrefix = fc.constantFrom('temp/', '', 'a/', 'temp/0123456/', '/');
const longKey = fc.integer({ min: 900, max: 1024 }).map((length) => 'k'.repeat(length));
const sourceKey = fc.oneof(anyKey, longKey, fc.constantFrom(...awkwardKeys.map(([, key]) => key)));
const anyEtag = fc.oneof(
  fc
    .tuple(fc.stringMatching(/^[0-9a-f]{32}$/), fc.constantFrom('', '-1', '-10000'))
    .map(([md5, end]) => md5 + end),
  fc.constantFrom('', 'x', 'W/"weak', 'a/b/c/d/e', 'ABCDEFG', 'base64+/=='),
);

describe('the folders of part files', () => {
  it('lie under the temp prefix, named by the source key and its ETag', () => {
    const [usual, other] = layoutFolders('temp/', layout(), hashes);
    expect(usual).toBe('temp/a/b/0123456');
    expect(other).toBe(`temp/a/b/0123456-${hashes.sha256(layoutText(layout())).slice(0, 8)}`);
  });

  it('hold the files that the 2013 tool made', () => {
    const [folder] = layoutFolders('temp/', layout(), hashes);
    expect(partFileKeys.layout(folder)).toBe('temp/a/b/0123456/layout.json');
    expect(partFileKeys.target(folder)).toBe('temp/a/b/0123456/target.json');
    expect(partFileKeys.parts(folder)).toBe('temp/a/b/0123456/parts/');
    expect(partFileKeys.temp(folder, 1)).toBe('temp/a/b/0123456/parts/temp-00001');
    expect(partFileKeys.part(folder, 10_000)).toBe('temp/a/b/0123456/parts/part-10000');
  });

  it.each([
    [985, 'temp/', 'the longest path with its key'],
    [986, 'temp/.long/', 'one byte more'],
    [1024, 'temp/.long/', 'the longest key'],
  ])('of a key of %i bytes are under %s: %s', (length, start) => {
    const key = 'k'.repeat(length);
    const folder = start.endsWith('.long/') ? start + hashes.sha256(key) : start + key;
    expect(layoutFolders('temp/', layout({ key }), hashes)[0]).toBe(`${folder}/0123456`);
  });

  it('are measured in bytes', () => {
    const key = 'é'.repeat(493);
    expect(layoutFolders('temp/', layout({ key }), hashes)[0]).toBe(
      `temp/.long/${hashes.sha256(key)}/0123456`,
    );
  });

  it.each([
    ['of another server, with a slash', 'a/b/c/d/e'],
    ['too short', 'abc'],
    ['missing', ''],
    ['weak', 'W/"abcdefg"'],
  ])('have a hash in place of an ETag that is %s', (_what, odd) => {
    expect(layoutFolders('temp/', layout({ etag: odd }), hashes)[0]).toBe(
      `temp/a/b/${hashes.sha256(odd).slice(0, 7)}`,
    );
  });

  it('never make a path above 1,024 bytes', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('temp/', '', `${'p'.repeat(900)}/`, `${'é'.repeat(450)}/`),
        sourceKey,
        anyEtag,
        (prefix, key, tag) => {
          for (const folder of layoutFolders(prefix, layout({ key, etag: tag }), hashes)) {
            expect(utf8Length(partFileKeys.part(folder, 10_000))).toBeLessThanOrEqual(1024);
            expect(utf8Length(partFileKeys.layout(folder))).toBeLessThanOrEqual(1024);
            expect(utf8Length(partFileKeys.target(folder))).toBeLessThanOrEqual(1024);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it('are never shared by two layouts, when each takes the first that holds no other', () => {
    const anyLayout = fc
      .record({
        bucket: fc.constantFrom('source', 'other'),
        key: fc.oneof(
          fc.constantFrom(
            'a',
            'a/0123456',
            'a/parts',
            'k'.repeat(1024),
            `.long/${hashes.sha256('k'.repeat(1024))}`,
          ),
          narrowKey,
        ),
        etag: fc.constantFrom('0123456a', '0123456b', '0123456-deadbeef', '7654321'),
        size: fc.constantFrom(1, 2),
      })
      .chain((source) => fc.constantFrom(5, 6).map((partSize) => layout(source, partSize)));
    fc.assert(
      fc.property(fc.array(anyLayout, { maxLength: 30 }), anyPrefix, (layouts, prefix) => {
        const claims = new Map<string, string>();
        const folders = new Map<string, string>();
        for (const each of layouts) {
          const text = layoutText(each);
          const folder = layoutFolders(prefix, each, hashes).find(
            (candidate) => (claims.get(candidate) ?? text) === text,
          );
          expect(folder).toBeDefined();
          claims.set(folder as string, text);
          expect(folders.get(text) ?? folder).toBe(folder);
          folders.set(text, folder as string);
        }
        expect(new Set(folders.values()).size).toBe(folders.size);
      }),
      { numRuns: 500 },
    );
  });

  it('have one text for one layout, in whatever order its fields stand', () => {
    const { v, source, partSize } = layout();
    const { bucket, key, size } = source;
    expect(layoutText({ partSize, source: { size, etag, key, bucket }, v })).toBe(layoutText(layout()));
    expect(JSON.parse(layoutText(layout()))).toEqual(layout());
  });
});

describe('the temp area', () => {
  it.each([
    ['temp/a/0123456/layout.json', 'temp/a/0123456'],
    ['temp/a/0123456/target.json', 'temp/a/0123456'],
    ['temp/a/0123456/parts/temp-00001', 'temp/a/0123456'],
    ['temp/a/0123456/parts/part-10000', 'temp/a/0123456'],
    ['temp/a/0123456-89abcdef/parts/part-00001', 'temp/a/0123456-89abcdef'],
    ['temp/a//0123456/layout.json', 'temp/a//0123456'],
    ['temp/a\nb/0123456/layout.json', 'temp/a\nb/0123456'],
    ['temp/\u2028/0123456/parts/part-00001', 'temp/\u2028/0123456'],
    ['temp/.long/abc/0123456/layout.json', 'temp/.long/abc/0123456'],
    ['temp/a/ABCDEFG/layout.json', 'temp/a/ABCDEFG'],
    ['temp/a/0123456/parts/x/0123456/layout.json', 'temp/a/0123456/parts/x/0123456'],
  ])('has %j, of the folder %j', (key, folder) => {
    expect(findTempFolder('temp/', key)).toBe(folder);
  });

  it.each([
    ['temp/a', 'ordinary data of the user'],
    ['temp/a/0123456/parts/', 'a folder marker'],
    ['temp/a/0123456/parts/part-1', 'a number of another form'],
    ['temp/a/0123456/parts/part-000001', 'a number of another form'],
    ['temp/a/0123456/parts/part-00000', 'no part has the number 0'],
    ['temp/a/0123456/parts/part-10001', 'no part has a number above 10,000'],
    ['temp/a/0123456/parts/copy-00001', 'another name'],
    ['temp/a/0123456/part-00001', 'no folder of parts'],
    ['temp/a/0123456/parts/part-00001/x', 'something below a part'],
    ['temp/a/0123456/parts/part-00001\n', 'something behind a part'],
    ['temp/a/0123456/other.json', 'another file'],
    ['temp/a/0123456/xlayout.json', 'another file'],
    ['temp/a/012345/layout.json', 'too few characters of an ETag'],
    ['temp/a/01234567/layout.json', 'too many'],
    ['temp/a/0123456-89ABCDEF/layout.json', 'no hash of a layout'],
    ['temp/a/0123456-89abcde/layout.json', 'no hash of a layout'],
    ['temp/a/012_456/layout.json', 'no ETag'],
    ['temp/0123456/layout.json', 'no source key'],
    ['temp//0123456/layout.json', 'no source key, though a slash'],
    ['other/a/0123456/layout.json', 'another place'],
    ['xtemp/a/0123456/layout.json', 'another place'],
    ['a/temp/a/0123456/layout.json', 'another place'],
    ['', 'nothing'],
  ])('does not have %j: %s', (key) => {
    expect(findTempFolder('temp/', key)).toBeUndefined();
  });

  it('begins behind the whole prefix, whatever that ends with', () => {
    expect(findTempFolder('temp/0123456/', 'temp/0123456/layout.json')).toBeUndefined();
    expect(findTempFolder('temp/0123456/', 'temp/0123456/parts/part-00001')).toBeUndefined();
    expect(findTempFolder('temp/0123456/', 'temp/0123456/a/0123456/layout.json')).toBe(
      'temp/0123456/a/0123456',
    );
    expect(findTempFolder('', 'a/0123456/layout.json')).toBe('a/0123456');
  });

  it('has every file of every layout', () => {
    fc.assert(
      fc.property(
        anyPrefix,
        sourceKey,
        anyEtag,
        fc.integer({ min: 1, max: 10_000 }),
        (prefix, key, tag, number) => {
          for (const folder of layoutFolders(prefix, layout({ key, etag: tag }), hashes)) {
            const files = [
              partFileKeys.layout(folder),
              partFileKeys.target(folder),
              partFileKeys.temp(folder, number),
              partFileKeys.part(folder, number),
            ];
            for (const file of files) expect(findTempFolder(prefix, file)).toBe(folder);
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('has no key but those that a layout could have made', () => {
    const names = fc.constantFrom(
      ...[
        'temp',
        'a',
        '0123456',
        '0123456-89abcdef',
        'parts',
        'part-00001',
        'temp-00001',
        'layout.json',
        '',
        '\n',
      ],
    );
    fc.assert(
      fc.property(anyPrefix, fc.array(names, { maxLength: 7 }), (prefix, parts) => {
        const key = parts.join('/');
        const folder = findTempFolder(prefix, key);
        if (folder === undefined) return;
        expect(folder.startsWith(prefix)).toBe(true);
        const source = folder.slice(prefix.length, folder.lastIndexOf('/'));
        expect(source).not.toBe('');
        expect(folder.slice(folder.lastIndexOf('/') + 1)).toMatch(/^0123456(-89abcdef)?$/);
        expect(['layout.json', 'target.json', 'parts/temp-00001', 'parts/part-00001']).toContain(
          key.slice(folder.length + 1),
        );
      }),
      { numRuns: 3_000 },
    );
  });
});

describe('the folder of a source', () => {
  it('is each of its own, below any temp prefix, also where that is not known', () => {
    fc.assert(
      fc.property(anyPrefix, sourceKey, anyEtag, (prefix, key, tag) => {
        const { source, ...rest } = layout({ key, etag: tag });
        for (const folder of layoutFolders(prefix, { ...rest, source }, hashes)) {
          const found = findTempFolder('', partFileKeys.layout(folder)) ?? '';
          expect(isFolderFor(found, source, hashes)).toBe(true);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([
    ['temp/a/b/0123457', 'another version'],
    ['temp/a/c/0123456', 'another key'],
    ['temp/xa/b/0123456', 'a key that only ends so'],
    ['temp/.long/a/b/c/0123456', 'a longer key'],
    ['a/0123456', 'a shorter key'],
  ])('is not %j: %s', (folder) => {
    expect(isFolderFor(folder, { key: 'a/b', etag }, hashes)).toBe(false);
  });
});

describe('layout.json', () => {
  it('says what source version it is about', () => {
    expect(parseLayoutSource(layoutText(layout()))).toEqual(layout().source);
    expect(parseLayoutSource(layoutText({ ...layout(), partSize: 9 }))).toEqual(layout().source);
  });

  it.each(['', '{', '[]', '{"v":2}', '{"v":1,"source":{"bucket":"b"}}'])(
    'is of somebody else when it is %j',
    (text) => {
      expect(parseLayoutSource(text)).toBeUndefined();
    },
  );

  it('names the run that wrote it, if a run did', () => {
    expect(readWriter(writerMetadata('run-1'))).toBe('run-1');
    expect(readWriter({ other: 'x' })).toBeUndefined();
  });
});
