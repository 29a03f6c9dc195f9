import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareKeys } from '../../core/model/bytes.ts';
import { CopyError } from '../../core/model/errors.ts';
import { noLines } from '../../core/model/list-lines.ts';
import { absoluteKey, readSourcePath } from '../../core/model/paths.ts';
import type { ObjectStore } from '../../core/s3/object-store.ts';
import { RequestLimiter } from '../../core/s3/request-limiter.ts';
import { type List, listedKeys } from '../../lambdas/plan/lists.ts';

const path = readSourcePath('dir');

/** Creates a list whose body arrives in chunks of a size. */
function createList(name: string, body: Uint8Array, size: number): List {
  const stream = async () =>
    (async function* () {
      for (let at = 0; at < body.length; at += size) yield body.subarray(at, at + size);
    })();
  return {
    lines: noLines('filesFrom'),
    location: { bucket: 'lists', path: name },
    store: { stream } as unknown as ObjectStore,
    limiter: new RequestLimiter(1),
  };
}

const toBytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const chunkSize = fc.integer({ min: 1, max: 9 });

/** Returns all keys, or the message of the error that refuses the list. Any other error fails the test. */
async function readKeys(list: List, limit?: number): Promise<readonly unknown[] | string> {
  try {
    const keys: unknown[] = [];
    for await (const { key } of listedKeys(list, path, limit)) keys.push(key);
    return keys;
  } catch (error) {
    if (error instanceof CopyError && error.name === 'InvalidRequestError') return error.message;
    throw error;
  }
}

const entry = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 6 })
  .filter((text) => !text.includes('\n') && !text.startsWith('#') && !text.startsWith('\ufeff'))
  .filter((text) => text !== '\r');
const jsonPiece = fc.oneof(
  fc.constantFrom('{', '}', '{"key":"a"}', '{"key":""}', '{"key":1}', '{"sourceKey":"b"}', '\n', '\n\n', '#'),
  fc.constantFrom('[]', 'null', '{"key":"a","x":1}', '{"key":"a","versionId":"v"}', '{"status":"failed"}'),
  fc.jsonValue({ maxDepth: 1 }).map((value) => JSON.stringify(value)),
);

describe('a list of any bytes', () => {
  it.each(['keys.txt', 'keys.jsonl'])(
    'a list of random bytes is read the same whatever its chunks, or refused with its line: %s',
    async (name) => {
      const body = fc.oneof(
        fc.uint8Array({ maxLength: 60 }),
        fc.array(jsonPiece, { maxLength: 6 }).map((pieces) => toBytes(pieces.join(''))),
      );
      await fc.assert(
        fc.asyncProperty(body, chunkSize, async (bytes, size) => {
          const whole = await readKeys(createList(name, bytes, 1_000));
          const cut = await readKeys(createList(name, bytes, size));
          if (typeof whole !== 'string') expect(cut).toEqual(whole);
          // The chunk decides which line is named when the text is not UTF-8.
          else expect(cut).toMatch(/^filesFrom: line \d+ of s3:\/\/lists\/keys/);
        }),
        { numRuns: 2_000 },
      );
    },
  );

  it('a text list gives each line as a key, sorted by bytes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(entry, { maxLength: 8 }),
        chunkSize,
        fc.boolean(),
        async (entries, size, ends) => {
          const text = entries.join('\n') + (ends ? '\n' : '');
          const wanted = entries.map((line) => absoluteKey(path, line)).sort(compareKeys);
          expect(await readKeys(createList('keys.txt', toBytes(text), size))).toEqual(wanted);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('a list that is too long to sort is accepted only in order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(entry, { minLength: 1, maxLength: 8 }), async (entries) => {
        const keys = entries.map((line) => absoluteKey(path, line));
        const sorted = [...keys].sort(compareKeys);
        const found = await readKeys(createList('keys.txt', toBytes(entries.join('\n')), 5), 2);
        const mustBeSorted = entries.length > 2;
        const isSorted = keys.every((key, index) => key === sorted[index]);
        if (mustBeSorted && !isSorted) expect(found).toContain('is out of order');
        else expect(found).toEqual(sorted);
      }),
      { numRuns: 2_000 },
    );
  });

  it('a JSON list gives each key as it was written', async () => {
    const key = fc.string({ unit: 'binary', minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(fc.array(key, { maxLength: 6 }), chunkSize, async (keys, size) => {
        const text = keys.map((each) => `${JSON.stringify({ sourceKey: `dir/${each}` })}\n`).join('');
        const found = await readKeys(createList('keys.jsonl', toBytes(text), size));
        expect(found).toEqual(keys.map((each) => `dir/${each}`).sort(compareKeys));
      }),
      { numRuns: 2_000 },
    );
  });
});
