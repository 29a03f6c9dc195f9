import { describe, expect, it } from 'vitest';
import { readSourcePath } from '../../lambdas/core/paths.ts';
import { type List, listedKeys } from '../../lambdas/plan/lists.ts';
import type { ObjectStore } from '../../lambdas/s3/object-store.ts';
import { Requests } from '../../lambdas/s3/requests.ts';

/** A list whose body comes in chunks of so many bytes, made only when asked for. */
function listOf(name: string, body: () => Iterable<Uint8Array>): List {
  const stream = async () =>
    (async function* () {
      yield* body();
    })();
  const store = { stream } as unknown as ObjectStore;
  const location = { bucket: 'lists', path: name };
  return { field: 'filesFrom', location, store, requests: new Requests(1) };
}

function chunked(text: string, size: number): Uint8Array[] {
  const bytes = new TextEncoder().encode(text);
  const chunks = Math.ceil(bytes.length / size);
  return Array.from({ length: chunks }, (_, n) => bytes.subarray(n * size, (n + 1) * size));
}

async function all(keys: AsyncIterable<string>): Promise<string[]> {
  const found: string[] = [];
  for await (const key of keys) found.push(key);
  return found;
}

const read = async (text: string, limit?: number, name = 'keys.txt', size = 7): Promise<string[]> =>
  all(
    listedKeys(
      listOf(name, () => chunked(text, size)),
      readSourcePath('dir'),
      limit,
    ),
  );

describe('the keys of a list', () => {
  it('are sorted by bytes when there are few, whatever their order', async () => {
    expect(await read('b\n😀\n\uffff\na\n')).toEqual(['dir/a', 'dir/b', 'dir/\uffff', 'dir/😀']);
  });

  it.each([1, 2, 3, 5])('are whole when characters are cut into chunks of %i bytes', async (size) => {
    expect(await read('ü\n日本語\n😀', 10, 'keys.txt', size)).toEqual(['dir/ü', 'dir/日本語', 'dir/😀']);
  });

  it('are lines that are neither empty nor comments, to the byte', async () => {
    expect(await read('# x\n\n a \n.\n#b\nc#')).toEqual(['dir', 'dir/ a ', 'dir/c#']);
  });

  it('are refused beyond the limit when they are not sorted, with the first line that is not', async () => {
    expect(await read('a\nb\nc', 2)).toEqual(['dir/a', 'dir/b', 'dir/c']);
    await expect(read('a\nc\nb\nd', 2)).rejects.toThrow(
      'filesFrom: line 3 of s3://lists/keys.txt is out of order: a list of more than 2 lines must be sorted by bytes',
    );
    await expect(read('b\na\nc\nd', 3)).rejects.toThrow('line 2 ');
    expect(await read('b\na\nc', 3)).toEqual(['dir/a', 'dir/b', 'dir/c']);
  });

  it('may name one key twice beyond the limit', async () => {
    expect(await read('a\nb\nb\nb', 2)).toEqual(['dir/a', 'dir/b', 'dir/b', 'dir/b']);
  });

  it('are handed out while the list is still read: only the limit is ever held', async () => {
    let made = 0;
    const endless = listOf('keys.txt', function* () {
      for (; ; made += 1) yield new TextEncoder().encode(`${String(made).padStart(9, '0')}\n`);
    });
    let last = '';
    let seen = 0;
    for await (const key of listedKeys(endless, readSourcePath(''), 1_000)) {
      last = key;
      seen += 1;
      expect(made - seen).toBeLessThanOrEqual(1_000);
      if (seen === 5_000) break;
    }
    expect(last).toBe('000004999');
  });

  it.each([
    ['{"key":"a"}\n{"sourceKey":"x"}', ['dir/a', 'x'], 'relative and absolute'],
    ['{"key":"a","sourceKey":"x"}', ['x'], 'the absolute one counts'],
    ['{"key":"#a\\n\\u0007"}', ['dir/#a\n\u0007'], 'any characters'],
  ])('in JSON are %s', async (text, keys) => {
    expect(await read(text, 10, 'x.jsonl')).toEqual(keys);
  });

  it.each([
    ['{"key":"a"}\n{', /line 2 of s3:\/\/lists\/x.jsonl is not JSON/],
    ['{"sise":1}', /line 1 .* is wrong: .*"sise"/s],
    ['{"size":1}', /line 1 .* has neither key nor sourceKey/],
    ['"a"', /line 1 .* is wrong/],
  ])('in JSON are refused when a line is %s', async (text, message) => {
    await expect(read(text, 10, 'x.jsonl')).rejects.toThrow(message);
  });

  it('are refused when they are not UTF-8, since they would be other keys', async () => {
    const latin = listOf('keys.txt', () => [Uint8Array.of(0x61, 0x0a, 0xfc, 0x0a)]);
    await expect(all(listedKeys(latin, readSourcePath('')))).rejects.toThrow('is not UTF-8');
  });
});
