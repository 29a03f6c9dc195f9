import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareKeys } from '../../../core/model/bytes.ts';
import { parseCopyRequest } from '../../../core/model/copy-request.ts';
import { readSourcePath } from '../../../core/model/paths.ts';
import { Deadline } from '../../../core/rules/deadline.ts';
import type { Destination, Run } from '../../../core/run/open-run.ts';
import type { ObjectStore } from '../../../core/s3/object-store.ts';
import { RequestLimiter } from '../../../core/s3/request-limiter.ts';
import { entries } from '../../../lambdas/plan/decide-keys.ts';

/** What a request names, what there is, and how the work is cut. */
interface Case {
  readonly sources: readonly string[];
  readonly targets: readonly string[];
  readonly files: readonly string[];
  readonly prefixes: readonly string[];
  /** Lines of a list: keys, each of the current version or of one that exists if the key does. */
  readonly listed: readonly (readonly [string, boolean])[];
  readonly compareOnly: boolean;
  readonly pageSize: number;
  readonly stopAfter: number;
}

const objectOf = (key: string, versionId = 'current') => ({
  key,
  etag: `${key} ${versionId}`,
  size: 1,
  lastModified: 0,
});

/** A store of one bucket, with pages of so many keys, and with two versions of each. */
function storeOf(keys: readonly string[], pageSize: number, list = ''): ObjectStore {
  const sorted = [...keys].sort(compareKeys);
  return {
    list: async (_: string, prefix: string, from: { next?: string; after?: string }) => {
      const after = from.next ?? from.after ?? '';
      const left = sorted.filter((key) => key.startsWith(prefix) && compareKeys(key, after) > 0);
      const objects = left.slice(0, pageSize).map((key) => objectOf(key));
      return left.length > pageSize ? { objects, next: objects.at(-1)?.key as string } : { objects };
    },
    head: async ({ key, versionId }: { key: string; versionId?: string }) =>
      keys.includes(key) ? objectOf(key, versionId) : undefined,
    headBucket: async () => 'here',
    stream: async () =>
      (async function* () {
        yield new TextEncoder().encode(list);
      })(),
  } as unknown as ObjectStore;
}

function contextOf({ sources, targets, files, prefixes, listed, compareOnly, pageSize }: Case) {
  const lines = listed.map(([key, isOld]) => JSON.stringify({ key, ...(isOld ? { versionId: 'old' } : {}) }));
  const source = storeOf(sources, pageSize, lines.join('\n'));
  const destination: Destination = {
    bucket: 'd',
    mapping: { base: '', folder: '' },
    store: storeOf(targets, pageSize),
    lister: storeOf(targets, pageSize),
    temp: { bucket: 'parts', prefix: 'temp/' },
  };
  const filesFrom = listed.length === 0 ? {} : { filesFrom: 's3://source/list.jsonl' };
  const request = parseCopyRequest({
    src: 's3://source',
    dest: 's3://destination',
    ...(files.length === 0 ? {} : { files }),
    ...(prefixes.length === 0 ? {} : { prefixes }),
    compareOnly,
    ...filesFrom,
  });
  const run = {
    copyRequest: request,
    path: readSourcePath(''),
    source: { bucket: 'source', store: source },
    destination,
  };
  const limiter = new RequestLimiter(8);
  return {
    run: run as unknown as Run,
    limiter,
    lists: { stores: { in: () => source } as never, limiter, home: 'here', lines: [] },
    deadline: new Deadline(600_000, 0),
    requestId: 'request',
  };
}

/** All entries, in invocations that stop behind so many chunks and go on behind the last key. */
async function found(given: Case) {
  const all: { key: string; source: string; destination: string | undefined }[] = [];
  let after: string | undefined;
  for (let calls = 0; calls < 300; calls += 1) {
    let chunks = 0;
    let isEnd = true;
    for await (const chunk of entries(contextOf(given), after)) {
      for (const { key, source, destination } of chunk)
        all.push({
          key,
          source: typeof source === 'object' ? source.etag : source,
          destination: destination?.etag,
        });
      after = chunk.at(-1)?.key ?? after;
      if (chunk.length > 0) chunks += 1;
      if (chunks === given.stopAfter) {
        isEnd = false;
        break;
      }
    }
    if (isEnd)
      return all.filter(({ source, destination }) => source !== 'lacking' || destination !== undefined);
  }
  throw new Error('the plan gets nowhere');
}

/** What a person would expect of the same. */
function wanted({ sources, targets, files, prefixes, listed, compareOnly }: Case) {
  const versions = new Map<string, string>([
    ...files.map((key) => [key, 'current'] as const),
    ...listed.map(([key, isOld]) => [key, isOld ? 'old' : 'current'] as const),
  ]);
  const selects = (key: string): boolean =>
    prefixes.some((prefix) =>
      prefix.endsWith('*')
        ? key.startsWith(prefix.slice(0, -1)) && !(prefix.endsWith('/*') && key === prefix.slice(0, -1))
        : key === prefix || key.startsWith(prefix.endsWith('/') ? prefix : `${prefix}/`),
    );
  const isAll = files.length + prefixes.length + listed.length === 0;
  const keys = new Set([
    ...versions.keys(),
    ...sources.filter((key) => isAll || selects(key)),
    ...(compareOnly ? targets.filter((key) => isAll || selects(key)) : []),
  ]);
  return [...keys].sort(compareKeys).map((key) => {
    const absent = versions.has(key) ? 'missing' : 'lacking';
    return {
      key,
      source: sources.includes(key) ? `${key} ${versions.get(key) ?? 'current'}` : absent,
      destination: targets.includes(key) ? `${key} current` : undefined,
    };
  });
}

const names = ['a', 'a/', 'a/b', 'a/b/c', 'a/bc', 'a/d', 'ab', 'b', 'b/x', 'b/\uffff', 'b/😀', 'c'];
const keys = fc.uniqueArray(fc.constantFrom(...names), { maxLength: 9 });
const paths = fc.uniqueArray(fc.constantFrom('a', 'a/', 'a/*', 'a*', 'a/b', 'a/b*', 'b', 'b/', '*', 'x'), {
  maxLength: 3,
});
const lines = fc.uniqueArray(fc.tuple(fc.constantFrom(...names, 'zz'), fc.boolean()), {
  selector: ([key]) => key,
  maxLength: 7,
});

describe('what a plan looks at', () => {
  it('is all that lists and prefixes name, each key once, in order, wherever it was interrupted', async () => {
    const cases = fc.record({
      sources: keys,
      targets: keys,
      files: keys,
      prefixes: paths,
      listed: lines,
      compareOnly: fc.boolean(),
      pageSize: fc.integer({ min: 1, max: 4 }),
      stopAfter: fc.integer({ min: 1, max: 4 }),
    });
    await fc.assert(
      fc.asyncProperty(cases, async (drawn) => {
        // Of a key that the list names the version of, `files` may not name another.
        const files = drawn.files.filter(
          (file) => !drawn.listed.some(([key, isOld]) => isOld && key === file),
        );
        const given = { ...drawn, files };
        expect(await found(given)).toEqual(wanted(given));
      }),
      { numRuns: 1_000 },
    );
  });

  it('is read no further when the work stops: what it is read from is closed', async () => {
    const nothing = { sources: [], targets: [], files: [], prefixes: [], listed: [] };
    const context = contextOf({ ...nothing, compareOnly: false, pageSize: 4, stopAfter: 4 });
    let isClosed = false;
    const selected = (function* () {
      try {
        for (let n = 0; ; n += 1) yield { kind: 'key', key: `k${n}`, named: true } as const;
      } finally {
        isClosed = true;
      }
    })();
    const run = { ...context.run, path: { ...context.run.path, selected } } as unknown as Run;
    for await (const _ of entries({ ...context, run }, undefined)) break;
    expect(isClosed).toBe(true);
  });

  it('is refused when files names another version than the list', async () => {
    const given: Case = {
      ...{ sources: ['a'], targets: [], files: ['a'], prefixes: ['b', 'a'], listed: [['a', true]] },
      ...{ compareOnly: false, pageSize: 4, stopAfter: 4 },
    };
    await expect(found(given)).rejects.toThrow(
      'filesFrom: names version "old" of "a", which files names too: only one version of each key can be copied',
    );
  });
});
