import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareKeys } from '../../../core/model/bytes.ts';
import { splitLocation } from '../../../core/model/location.ts';
import {
  absoluteKey,
  compareStarts,
  coversItem,
  destinationFolder,
  firstKeyIn,
  hasMisplacedStar,
  isFolder,
  isInDestination,
  isPattern,
  isTooLong,
  mapKey,
  readSourcePath,
  refuseDeleteOverlap,
  refuseOverlap,
  relativeKey,
  type Selected,
  selectPrefix,
  unmapKey,
} from '../../../core/model/paths.ts';
import { anyDestination, anyKey, anySourcePath, awkwardKeys, narrowKey } from '../arbitraries.ts';

const location = (text: string) => splitLocation(text) ?? { bucket: '', path: '' };

const isSelected = (items: readonly Selected[], key: string): boolean =>
  items.some((item) => coversItem(item, { kind: 'key', key }));

const mappingOf = (src: string, dest: string) => ({
  base: readSourcePath(location(src).path).base,
  folder: destinationFolder(location(dest).path),
});

/** Which of the source's keys a copy writes, and where. */
const copied = (keys: readonly string[], src: string, dest: string): string[] => {
  const { selected } = readSourcePath(location(src).path);
  return keys.filter((key) => isSelected(selected, key)).map((key) => mapKey(mappingOf(src, dest), key));
};

describe('a copy of folder-001/test-001 and folder-001/test-002', () => {
  it.each([
    ['s3://source', 's3://dest', ['folder-001/test-001', 'folder-001/test-002']],
    ['s3://source', 's3://dest/foo', ['foo/folder-001/test-001', 'foo/folder-001/test-002']],
    ['s3://source/folder-001', 's3://dest', ['folder-001/test-001', 'folder-001/test-002']],
    ['s3://source/folder-001/*', 's3://dest', ['test-001', 'test-002']],
  ])('from %s to %s writes %j', (src, dest, result) => {
    expect(copied(['folder-001/test-001', 'folder-001/test-002'], src, dest)).toEqual(result);
  });
});

describe('the path of src', () => {
  const around = ['a', 'a/', 'a/a', 'a/b', 'a/b/', 'a/b/c', 'a/b/c/d', 'a/b!', 'a/bc', 'a/bc/d', 'a0', 'b'];

  it.each([
    ['', around, '', 'empty is the whole bucket'],
    ['*', around, '', 'a star alone is the whole bucket'],
    ['a/b', ['a/b', 'a/b/', 'a/b/c', 'a/b/c/d'], 'a/', 'the folder, and the object of that name'],
    ['a/b/', ['a/b/', 'a/b/c', 'a/b/c/d'], 'a/', 'the folder with its marker'],
    ['a/b/*', ['a/b/c', 'a/b/c/d'], 'a/b/', 'what is in the folder, which its marker is not'],
    ['a/b*', ['a/b', 'a/b/', 'a/b/c', 'a/b/c/d', 'a/b!', 'a/bc', 'a/bc/d'], 'a/', 'all that begins so'],
    [
      'a',
      ['a', 'a/', 'a/a', 'a/b', 'a/b/', 'a/b/c', 'a/b/c/d', 'a/b!', 'a/bc', 'a/bc/d'],
      '',
      'a top folder',
    ],
    ['a*', around.filter((key) => key.startsWith('a')), '', 'all that begins so, at the top'],
    ['a/b/c', ['a/b/c', 'a/b/c/d'], 'a/b/', 'an object that is a folder too'],
    ['x', [], '', 'what is not there'],
  ])('%j selects %j and takes %j off: %s', (path, keys, base, _why) => {
    const read = readSourcePath(path);
    expect(around.filter((key) => isSelected(read.selected, key))).toEqual(keys);
    expect(read.base).toBe(base);
  });

  it('a/b never selects a/bc', () => {
    expect(isSelected(readSourcePath('a/b').selected, 'a/bc')).toBe(false);
    expect(isSelected(readSourcePath('a/b/').selected, 'a/bc')).toBe(false);
    expect(isSelected(readSourcePath('a/b/*').selected, 'a/bc')).toBe(false);
  });

  it('lists exactly its prefixes, and looks the object of its own name up', () => {
    expect(readSourcePath('a/b').selected).toEqual([
      { kind: 'key', key: 'a/b' },
      { kind: 'prefix', prefix: 'a/b/' },
    ]);
    expect(readSourcePath('a/b/').selected).toEqual([{ kind: 'prefix', prefix: 'a/b/' }]);
    expect(readSourcePath('a/b/*').selected).toEqual([{ kind: 'prefix', prefix: 'a/b/', longer: true }]);
    expect(readSourcePath('a/b*').selected).toEqual([{ kind: 'prefix', prefix: 'a/b' }]);
    expect(readSourcePath('').selected).toEqual([{ kind: 'prefix', prefix: '' }]);
  });

  it.each([
    ['a*b', true],
    ['*a', true],
    ['a/*/b', true],
    ['**', true],
    ['a/**', true],
    ['a*', false],
    ['a/*', false],
    ['*', false],
    ['a', false],
    ['', false],
  ])('%j has a misplaced star: %j', (path, isWrong) => {
    expect(hasMisplacedStar(path)).toBe(isWrong);
  });

  it.each([
    ['a*', true],
    ['a/b*', true],
    ['*', false],
    ['a/*', false],
    ['/*', false],
    ['a', false],
    ['', false],
  ])('%j is a pattern and no folder: %j', (path, isOne) => {
    expect(isPattern(path)).toBe(isOne);
  });
});

describe('a relative key', () => {
  it.each([
    ['', 'a/b/c', 'a/b/c'],
    ['*', 'a/b/c', 'a/b/c'],
    ['a/b', 'a/b/c', 'c'],
    ['a/b/', 'a/b/c', 'c'],
    ['a/b/*', 'a/b/c', 'c'],
    ['a/b*', 'a/b/c', 'b/c'],
    ['a/b*', 'a/bc', 'bc'],
    ['a/b', 'a/b', '.'],
    ['a/b', 'a/b/', ''],
    ['a/b/', 'a/b/', ''],
    ['a/b', 'a/b/.', '.'],
    ['', '.', '.'],
    ['a/b', 'a/b//c', '/c'],
  ])('below %j of %j is %j', (path, key, relative) => {
    expect(relativeKey(readSourcePath(path), key)).toBe(relative);
  });

  it.each([
    ['a/b', '.', 'a/b', 'the object of the path itself'],
    ['a/b/', '.', 'a/b/.', 'a folder has no object of its own'],
    ['a/b/*', '.', 'a/b/.', 'nor has what is in it'],
    ['', '.', '.', 'nor has the bucket'],
    ['a/b', 'c', 'a/b/c', 'a key in the folder'],
    ['a/b', './c', 'a/b/./c', 'no dots are resolved'],
    ['a/b', '../c', 'a/b/../c', 'no dots are resolved'],
    ['a/b', '/c', 'a/b//c', 'no slash is swallowed'],
    ['a/b', 'c ', 'a/b/c ', 'no blank is trimmed'],
  ])('in a list of %j the line %j is %j: %s', (path, line, key) => {
    expect(absoluteKey(readSourcePath(path), line)).toBe(key);
  });

  it('leads back to its key, but where a key `/.` stands beside the object of the path', () => {
    fc.assert(
      fc.property(anySourcePath, anyKey, (text, rest) => {
        fc.pre(!isPattern(text));
        const path = readSourcePath(text);
        const key = path.folder + rest;
        fc.pre(!(rest === '.' && path.itself !== undefined));
        expect(absoluteKey(path, relativeKey(path, key))).toBe(key);
      }),
    );
  });
});

describe('the mapping', () => {
  it.each([
    ['', ''],
    ['foo', 'foo/'],
    ['foo/', 'foo/'],
    ['a/b', 'a/b/'],
    ['/', '/'],
    ['foo//', 'foo//'],
  ])('takes the destination %j for the folder %j', (path, folder) => {
    expect(destinationFolder(path)).toBe(folder);
  });

  it.each(awkwardKeys)('carries a key with %s unchanged', (_name, key) => {
    expect(mapKey(mappingOf('s3://source', 's3://dest'), key)).toBe(key);
    expect(mapKey(mappingOf('s3://source/a/*', 's3://dest/b'), `a/${key}`)).toBe(`b/${key}`);
    expect(mapKey(mappingOf('s3://source/a', 's3://dest'), `a/${key}`)).toBe(`a/${key}`);
  });

  it('renames nothing: an object named itself keeps its name in the folder', () => {
    expect(mapKey(mappingOf('s3://source/a/b', 's3://dest/c'), 'a/b')).toBe('c/b');
  });

  const underSelection = (keys: fc.Arbitrary<string>) =>
    fc
      .record({ path: anySourcePath, dest: anyDestination, rests: fc.array(keys, { maxLength: 20 }) })
      .map(({ path, dest, rests }) => {
        const { selected, base } = readSourcePath(path);
        const begins = selected.map(firstKeyIn);
        const all = begins.flatMap((begin) => [begin, ...rests.map((rest) => begin + rest)]);
        const inScope = new Set(all.filter((key) => key !== '' && isSelected(selected, key)));
        return { keys: [...inScope], mapping: { base, folder: destinationFolder(dest) } };
      });
  const anySelection = fc.oneof(underSelection(anyKey), underSelection(narrowKey));

  it('gives no two keys the same place', () => {
    fc.assert(
      fc.property(anySelection, ({ keys, mapping }) => {
        expect(new Set(keys.map((key) => mapKey(mapping, key))).size).toBe(keys.length);
      }),
      { numRuns: 500 },
    );
  });

  it('keeps the order of bytes, so that two listings can be merged', () => {
    fc.assert(
      fc.property(anySelection, ({ keys, mapping }) => {
        const sorted = [...keys].sort(compareKeys).map((key) => mapKey(mapping, key));
        expect(sorted).toEqual([...sorted].sort(compareKeys));
      }),
      { numRuns: 500 },
    );
  });

  it('takes off a base that every selected key has, and puts the folder in front', () => {
    fc.assert(
      fc.property(anySelection, ({ keys, mapping }) => {
        for (const key of keys) {
          expect(key.startsWith(mapping.base)).toBe(true);
          expect(mapKey(mapping, key)).toBe(mapping.folder + key.slice(mapping.base.length));
        }
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['k'.repeat(1024), false],
    ['k'.repeat(1025), true],
    ['é'.repeat(512), false],
    [`${'é'.repeat(512)}k`, true],
    ['😀'.repeat(257), true],
  ])('is refused by S3 by the bytes of a key, not its characters (case %#)', (key, isRefused) => {
    expect(isTooLong(key)).toBe(isRefused);
  });
});

/** The table of the documentation, as a filter: what a path selects. */
const isNamedBy = (path: string, key: string): boolean => {
  if (path === '' || path === '*') return true;
  if (path.endsWith('/*')) return key.startsWith(path.slice(0, -1)) && key.length > path.length - 1;
  if (path.endsWith('*')) return key.startsWith(path.slice(0, -1));
  if (path.endsWith('/')) return key.startsWith(path);
  return key === path || key.startsWith(`${path}/`);
};

/** Items in order, without what an earlier one covers: how the planner goes through several lists. */
const united = (items: readonly Selected[]): Selected[] => {
  const left: Selected[] = [];
  for (const item of [...items].sort(compareStarts)) {
    const before = left.at(-1);
    if (before === undefined || !coversItem(before, item)) left.push(item);
  }
  return left;
};

describe('files and prefixes', () => {
  const path = readSourcePath('a');
  const unite = (files: readonly string[], prefixes: readonly string[]) =>
    united([
      ...files.map((file): Selected => ({ kind: 'key', key: absoluteKey(path, file), named: true })),
      ...prefixes.flatMap((prefix) => selectPrefix(path, prefix)),
    ]);

  it.each<[string[], string[], Selected[], string]>([
    [['x'], [], [{ kind: 'key', key: 'a/x', named: true }], 'a file is one key'],
    [['x', 'x'], [], [{ kind: 'key', key: 'a/x', named: true }], 'a key named twice counts once'],
    [['.'], [], [{ kind: 'key', key: 'a', named: true }], 'a dot is the object of the path'],
    [[], ['x*'], [{ kind: 'prefix', prefix: 'a/x' }], 'a star selects all that begins so'],
    [[], ['x/'], [{ kind: 'prefix', prefix: 'a/x/' }], 'a folder is its keys'],
    [
      [],
      ['x/*'],
      [{ kind: 'prefix', prefix: 'a/x/', longer: true }],
      'a star behind a slash leaves out the marker',
    ],
    [[], ['x/', 'x/*'], [{ kind: 'prefix', prefix: 'a/x/' }], 'what is listed whole is not listed in part'],
    [
      ['x/y'],
      ['x'],
      [
        { kind: 'key', key: 'a/x' },
        { kind: 'prefix', prefix: 'a/x/' },
      ],
      'a file in a named folder',
    ],
    [
      ['x'],
      ['x'],
      [
        { kind: 'key', key: 'a/x', named: true },
        { kind: 'prefix', prefix: 'a/x/' },
      ],
      'a named file is missed when it is not there, whatever else selects it',
    ],
    [
      ['x/'],
      ['x/*'],
      [
        { kind: 'key', key: 'a/x/', named: true },
        { kind: 'prefix', prefix: 'a/x/', longer: true },
      ],
      'a marker that is named beside what is in its folder',
    ],
    [[], [''], [{ kind: 'prefix', prefix: 'a/' }], 'nothing is the whole folder'],
    [[], ['*'], [{ kind: 'prefix', prefix: 'a/', longer: true }], 'a star is all that is in the folder'],
    [
      ['x!', 'x'],
      ['x'],
      [
        { kind: 'key', key: 'a/x', named: true },
        { kind: 'key', key: 'a/x!', named: true },
        { kind: 'prefix', prefix: 'a/x/' },
      ],
      'a key between an object and the folder of its name',
    ],
  ])('%j and %j: %j (%s)', (files, prefixes, items) => {
    expect(unite(files, prefixes)).toEqual(items);
  });

  it('puts the same key of a path behind the named one, whichever comes first', () => {
    const items: Selected[] = [
      { kind: 'key', key: 'a' },
      { kind: 'key', key: 'a', named: true },
    ];
    expect(united(items)).toEqual([{ kind: 'key', key: 'a', named: true }]);
    expect(united([...items].reverse())).toEqual([{ kind: 'key', key: 'a', named: true }]);
  });

  const anyPath = anySourcePath.filter((text) => !isPattern(text));
  const entry = fc.tuple(narrowKey, fc.constantFrom('', '/', '/*', '*')).map(([key, end]) => key + end);
  const lists = fc.record({
    text: anyPath,
    files: fc.array(fc.oneof(narrowKey, fc.constant('.')), { maxLength: 5 }),
    prefixes: fc.array(entry, { maxLength: 5 }),
    keys: fc.uniqueArray(narrowKey, { maxLength: 30 }),
  });

  it('together cover exactly the named keys, each once, in byte order', () => {
    fc.assert(
      fc.property(lists, ({ text, files, prefixes, keys }) => {
        const read = readSourcePath(text);
        // Keys at the edges of what is selected, beside the arbitrary ones.
        const bucket = [
          ...new Set([
            ...keys,
            ...keys.map((key) => read.folder + key),
            ...files.map((file) => read.folder + file),
            ...prefixes.flatMap((prefix) => {
              const begin = read.folder + prefix.replace(/\*$/, '');
              return [begin, `${begin}/`, `${begin}x`, `${begin}/x`];
            }),
            ...(read.itself === undefined ? [] : [read.itself]),
          ]),
        ].filter((key) => key !== '');
        const named = new Set(
          files.map((file) => (file === '.' && read.itself !== undefined ? read.itself : read.folder + file)),
        );
        const wanted = bucket.filter(
          (key) => named.has(key) || prefixes.some((prefix) => isNamedBy(read.folder + prefix, key)),
        );
        const items = united([
          ...files.map((file): Selected => ({ kind: 'key', key: absoluteKey(read, file), named: true })),
          ...prefixes.flatMap((prefix) => selectPrefix(read, prefix)),
        ]);
        const found = items.flatMap((item) =>
          bucket.filter((key) => coversItem(item, { kind: 'key', key })).sort(compareKeys),
        );
        expect(found).toEqual([...wanted].sort(compareKeys));
      }),
      { numRuns: 2_000 },
    );
  });

  it('select what the path of src says when there are none', () => {
    fc.assert(
      fc.property(anySourcePath, fc.array(narrowKey), (text, keys) => {
        const { selected } = readSourcePath(text);
        const bucket = [...new Set([...keys, ...keys.map((key) => text.replace(/\*$/, '') + key)])];
        const found = selected.flatMap((item) =>
          bucket.filter((key) => coversItem(item, { kind: 'key', key })),
        );
        expect(found.sort()).toEqual(bucket.filter((key) => isNamedBy(text, key)).sort());
      }),
      { numRuns: 500 },
    );
  });

  it.each<[Selected, Selected, boolean, string]>([
    [{ kind: 'key', key: 'a' }, { kind: 'prefix', prefix: 'a' }, false, 'a key covers no listing'],
    [{ kind: 'key', key: 'a' }, { kind: 'key', key: 'a' }, true, 'a key covers itself'],
    [{ kind: 'key', key: 'a' }, { kind: 'key', key: 'a/b' }, false, 'a key covers nothing below it'],
    [
      { kind: 'prefix', prefix: 'a/', longer: true },
      { kind: 'key', key: 'a/' },
      false,
      'the marker is left out',
    ],
    [
      { kind: 'prefix', prefix: 'a/', longer: true },
      { kind: 'key', key: 'a/b' },
      true,
      'what is in the folder',
    ],
    [
      { kind: 'prefix', prefix: 'a/', longer: true },
      { kind: 'prefix', prefix: 'a/' },
      false,
      'it lists the marker',
    ],
    [
      { kind: 'prefix', prefix: 'a/', longer: true },
      { kind: 'prefix', prefix: 'a/', longer: true },
      true,
      'the same',
    ],
    [
      { kind: 'prefix', prefix: 'a/', longer: true },
      { kind: 'prefix', prefix: 'a/b' },
      true,
      'a part of the folder',
    ],
    [
      { kind: 'prefix', prefix: 'a/' },
      { kind: 'prefix', prefix: 'a/', longer: true },
      true,
      'all but the marker',
    ],
    [
      { kind: 'prefix', prefix: 'a/' },
      { kind: 'prefix', prefix: 'a' },
      false,
      'a shorter beginning selects more',
    ],
  ])('%j covers %j: %j (%s)', (outer, inner, isCovered) => {
    expect(coversItem(outer, inner)).toBe(isCovered);
  });
});

describe('one bucket', () => {
  const refuse = (src: string, dest: string) => () => refuseOverlap(location(src), location(dest));

  it.each([
    ['s3://b', 's3://b', 'the bucket onto itself'],
    ['s3://b/*', 's3://b', 'the bucket onto itself, with a star'],
    ['s3://b/a', 's3://b', 'a folder into the one it lies in'],
    ['s3://b/a/', 's3://b', 'the same with a slash'],
    ['s3://b/a/b', 's3://b/a', 'a deeper folder into the one it lies in'],
    ['s3://b/a/b', 's3://b/a/', 'the same with a slash'],
    ['s3://b/a/*', 's3://b/a', 'what is in a folder into that folder'],
    ['s3://b/a*', 's3://b', 'a pattern into the folder it lies in'],
  ])('refuses %s to %s: %s', (src, dest) => {
    expect(refuse(src, dest)).toThrow(
      expect.objectContaining({
        name: 'InvalidRequestError',
        message: expect.stringMatching(
          /^dest: every key of s3:\/\/b\/.* would be copied onto itself by s3:\/\/b/,
        ),
      }),
    );
  });

  it.each([
    ['s3://b/a/*', 's3://b', 'what is in a folder into the bucket'],
    ['s3://b/a/b/*', 's3://b/a', 'what is in a folder into the one above'],
    ['s3://b/a/b/c', 's3://b/a', 'a folder two levels up'],
    ['s3://b/a/b/', 's3://b/a/b', 'a folder into itself'],
    ['s3://b/a/b*', 's3://b', 'a pattern two levels up'],
  ])('refuses %s to %s, where the source lies inside the destination: %s', (src, dest) => {
    expect(refuse(src, dest)).toThrow(
      expect.objectContaining({
        name: 'InvalidRequestError',
        message: expect.stringMatching(/^dest: the source s3:\/\/b\/.* lies inside the destination s3:\/\/b/),
      }),
    );
  });

  it.each([
    ['s3://b', 's3://c', 'two buckets'],
    ['s3://b/a', 's3://c/a', 'two buckets with the same paths'],
    ['s3://b', 's3://b/copy', 'a destination inside the source, whose keys are filtered'],
    ['s3://b/a', 's3://b/b', 'two folders side by side'],
    ['s3://b/a', 's3://b/a/copy', 'a destination inside the folder'],
    ['s3://b/a', 's3://b/ab', 'a folder whose name only begins alike'],
    ['s3://b/ab', 's3://b/a', 'and the other way round'],
    ['s3://b/a*', 's3://b/a', 'a pattern beside its own folder'],
  ])('copies %s to %s: %s', (src, dest) => {
    expect(refuse(src, dest)).not.toThrow();
  });

  it.each([
    ['s3://b', 's3://b/copy', 'copy/a', true],
    ['s3://b', 's3://b/copy', 'copy/', true],
    ['s3://b', 's3://b/copy', 'copy', false],
    ['s3://b', 's3://b/copy', 'copya', false],
    ['s3://b', 's3://b/copy', 'a', false],
    ['s3://b', 's3://c/copy', 'copy/a', false],
  ])('of %s to %s the key %s is filtered: %j', (src, dest, key, isFiltered) => {
    expect(isInDestination(location(src), location(dest), key)).toBe(isFiltered);
  });

  it('never lets a key be copied onto itself, nor read what it has written', () => {
    fc.assert(
      fc.property(anySourcePath, anyDestination, fc.array(narrowKey), (path, folder, rests) => {
        const src = { bucket: 'b', path };
        const dest = { bucket: 'b', path: folder };
        try {
          refuseOverlap(src, dest);
        } catch {
          return;
        }
        const { selected, base } = readSourcePath(path);
        const keys = selected
          .flatMap((item) => [firstKeyIn(item), ...rests.map((rest) => firstKeyIn(item) + rest)])
          .filter((key) => isSelected(selected, key) && !isInDestination(src, dest, key));
        for (const key of keys) {
          const target = mapKey({ base, folder: destinationFolder(folder) }, key);
          expect(target).not.toBe(key);
          expect(isInDestination(src, dest, target) || !isSelected(selected, target)).toBe(true);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('refuseDeleteOverlap', () => {
  const refuse = (src: string, dest: string) => () => refuseDeleteOverlap(location(src), location(dest));

  it.each([
    ['s3://b', 's3://b/copy', 'the destination lies in the source'],
    ['s3://b/a/*', 's3://b/a/copy', 'the same with a folder'],
    ['s3://b/a/b', 's3://b/a', 'the source lies in the destination'],
    ['s3://b/a*', 's3://b/a', 'the pattern may select what is at the destination'],
    ['s3://b/x/a', 's3://b/x/a', 'the folder is copied into itself'],
  ])('refuses %s to %s: %s', (src, dest) => {
    expect(refuse(src, dest)).toThrow('share keys');
  });

  it.each([
    ['s3://a', 's3://b', 'another bucket'],
    ['s3://b/a', 's3://b/c', 'another folder'],
    ['s3://b/a/x', 's3://b/c', 'also one that only shares its name'],
    ['s3://b/a/*', 's3://b/ab', 'a name that begins alike'],
  ])('lets %s to %s be: %s', (src, dest) => {
    expect(refuse(src, dest)).not.toThrow();
  });
});

describe('unmapKey', () => {
  it('is the inverse of mapKey', () => {
    fc.assert(
      fc.property(anySourcePath, anyDestination, anyKey, (path, dest, key) => {
        const { base } = readSourcePath(path);
        const mapping = { base, folder: destinationFolder(dest) };
        expect(unmapKey(mapping, mapKey(mapping, base + key))).toBe(base + key);
      }),
    );
  });
});

describe('isFolder', () => {
  it.each([
    ['', true],
    ['*', true],
    ['a/b', true],
    ['a/b/', true],
    ['a/b/*', true],
    ['a/b*', false],
    ['b*', false],
  ])('of %j is %s', (path, expected) => {
    expect(isFolder(readSourcePath(path))).toBe(expected);
  });
});
