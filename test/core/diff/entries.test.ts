import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Entry, joinBoth } from '../../../core/diff/entries.ts';
import { compareKeys } from '../../../core/model/bytes.ts';
import { readSourcePath } from '../../../core/model/paths.ts';
import type { Destination, Run } from '../../../core/run/open-run.ts';
import type { ObjectStore } from '../../../core/s3/object-store.ts';
import { RequestLimiter } from '../../../core/s3/request-limiter.ts';

/** A store of one bucket, with pages of so many keys. */
function storeOf(keys: readonly string[], pageSize: number): ObjectStore {
  const sorted = [...keys].sort(compareKeys);
  const list = async (_: string, prefix: string, from: { next?: string; after?: string }) => {
    const after = from.next ?? from.after ?? '';
    const left = sorted.filter((key) => key.startsWith(prefix) && compareKeys(key, after) > 0);
    const objects = left.slice(0, pageSize).map((key) => ({ key, etag: key, size: 1, lastModified: 0 }));
    return left.length > pageSize ? { objects, next: objects.at(-1)?.key as string } : { objects };
  };
  return { list } as unknown as ObjectStore;
}

const mapping = { base: 'in/', folder: 'o/' };

function runOf(sources: readonly string[], targets: readonly string[], pageSize: number) {
  const store = storeOf(targets, pageSize);
  const destination: Destination = {
    bucket: 'd',
    mapping,
    store,
    lister: store,
    temp: { bucket: 'd', prefix: 'o/t/' },
  };
  const source = { bucket: 's', store: storeOf(sources, pageSize) };
  return { source, destination, path: readSourcePath('in/*') } as unknown as Run & {
    destination: Destination;
  };
}

const item = { kind: 'prefix', prefix: 'in/' } as const;
const shown = ({ key, target, source, destination }: Entry) => ({
  key,
  target,
  source: typeof source === 'object' ? source.etag : source,
  destination: destination?.etag,
});

/** Joins, and stops behind every `stopAfter` chunks with something in them to go on behind the last entry, as a later invocation would. */
async function joined(run: ReturnType<typeof runOf>, stopAfter: number) {
  const found: ReturnType<typeof shown>[] = [];
  let after: string | undefined;
  for (let calls = 0; calls < 500; calls += 1) {
    let chunks = 0;
    let isEnd = true;
    for await (const chunk of joinBoth(run, item, after, new RequestLimiter(8))) {
      found.push(
        ...chunk.filter(({ source, destination }) => source !== 'lacking' || destination).map(shown),
      );
      after = chunk.at(-1)?.key ?? after;
      if (chunk.length > 0) chunks += 1;
      if (chunks === stopAfter) {
        isEnd = false;
        break;
      }
    }
    if (isEnd) return found;
  }
  throw new Error('the join gets nowhere');
}

const name = fc.constantFrom('a', 'b', 'c', 'd', 's', 't', 't/a', 't/z', 'u', 'v', '\uffff', '😀');
const part = fc.constantFrom(
  't/a/1234567/layout.json',
  't/a/1234567/parts/part-00001',
  't/a/1234567/parts/part-00002',
  't/b/1234567/parts/temp-00001',
  't/b/1234567/target.json',
  't/y/1234567/parts/temp-00003',
);

describe('a join that looks for what the source lacks', () => {
  it('has every key of either end once, in order, and no part file, wherever it was interrupted', async () => {
    const names = fc.uniqueArray(name);
    const parts = fc.uniqueArray(part);
    await fc.assert(
      fc.asyncProperty(
        names,
        names,
        parts,
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 4 }),
        async (left, right, files, pageSize, stopAfter) => {
          const targets = [...right, ...files].map((key) => `o/${key}`);
          const run = runOf(
            left.map((key) => `in/${key}`),
            [...targets, 'other', 'p'],
            pageSize,
          );
          const wanted = [...new Set([...left, ...right])].sort(compareKeys).map((key) => ({
            key: `in/${key}`,
            target: `o/${key}`,
            source: left.includes(key) ? `in/${key}` : 'lacking',
            destination: right.includes(key) ? `o/${key}` : undefined,
          }));
          expect(await joined(run, stopAfter)).toEqual(wanted);
        },
      ),
      { numRuns: 500 },
    );
  });
});
