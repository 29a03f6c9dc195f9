import { describe, expect, it } from 'vitest';
import { noLines } from '../../../core/model/list-lines.ts';
import { readSourcePath } from '../../../core/model/paths.ts';
import type { ObjectStore } from '../../../core/s3/object-store.ts';
import { RequestLimiter } from '../../../core/s3/request-limiter.ts';
import { type List, type ListedKey, listedKeys, listedPrefixes } from '../../../lambdas/plan/lists.ts';

/** A list whose body comes in chunks of so many bytes, made only when asked for. */
function listOf(name: string, body: () => Iterable<Uint8Array>): List {
  const stream = async () =>
    (async function* () {
      yield* body();
    })();
  const store = { stream } as unknown as ObjectStore;
  const location = { bucket: 'lists', path: name };
  return { location, store, limiter: new RequestLimiter(1), lines: noLines('filesFrom') };
}

function chunked(text: string, size: number): Uint8Array[] {
  const bytes = new TextEncoder().encode(text);
  const chunks = Math.ceil(bytes.length / size);
  return Array.from({ length: chunks }, (_, n) => bytes.subarray(n * size, (n + 1) * size));
}

async function all(keys: AsyncIterable<ListedKey>): Promise<string[]> {
  const found: string[] = [];
  for await (const { key } of keys) found.push(key);
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

  it.each([
    { text: 'a\r\n\r\nb\r\n', keys: ['dir/a\r', 'dir/b\r'], why: 'a name may end in a carriage return' },
    { text: '\ufeffa\n\r\n', keys: ['dir/a'], why: 'behind a byte order mark' },
    { text: ' \n\t\n', keys: ['dir/\t', 'dir/ '], why: 'a name may be of blanks alone' },
  ])('are none for a blank line of Windows: $text, though $why', async ({ text, keys }) => {
    expect(await read(text)).toEqual(keys);
  });

  it('in JSON are none for blank lines, whatever they are blank with', async () => {
    const text = '\ufeff{"key":"a"}\r\n\r\n \t\r\n\n{"key":"b"}\r\n';
    expect(await read(text, 10, 'x.jsonl')).toEqual(['dir/a', 'dir/b']);
  });

  it.each([
    { name: 'keys.txt', text: '', lines: { names: 0, returns: 0, comments: 0 } },
    { name: 'keys.txt', text: '# x\n\n#y\r\n', lines: { names: 0, returns: 0, comments: 2 } },
    { name: 'keys.txt', text: 'a\r\nb\n#c\n\r\n', lines: { names: 2, returns: 1, comments: 1 } },
    { name: 'keys.jsonl', text: '{"key":"#a"}\r\n\r\n', lines: { names: 1, returns: 0, comments: 0 } },
  ])('are counted with what is skipped, in $name of $text', async ({ name, text, lines }) => {
    const list = listOf(name, () => chunked(text, 7));

    await all(listedKeys(list, readSourcePath('dir')));

    expect(list.lines).toEqual({ field: 'filesFrom', ...lines });
  });

  it('in JSON are refused by the line of the list alone', async () => {
    await expect(read('{"key":"a"}\n{"key" 1}', 10, 'x.jsonl')).rejects.toThrow(
      /^filesFrom: line 2 of [^ ]+ is not JSON: (?!.*line 1)/,
    );
  });

  it('in JSON are refused in one line of text', async () => {
    await expect(read('{"key":7,"size":"x"}', 10, 'x.jsonl')).rejects.toThrow(
      /^filesFrom: line 1 of s3:\/\/lists\/x.jsonl is wrong: key: expected string, received number; size: expected number, received string$/,
    );
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
    for await (const { key } of listedKeys(endless, readSourcePath(''), 1_000)) {
      last = key;
      seen += 1;
      expect(made - seen).toBeLessThanOrEqual(1_000);
      if (seen === 5_000) break;
    }
    expect(last).toBe('000004999');
  });

  it.each([
    ['{"key":"a"}\n{"sourceKey":"dir/x"}', ['dir/a', 'dir/x'], 'relative and absolute'],
    ['{"key":"a","sourceKey":"dir"}', ['dir'], 'the absolute one counts'],
    [
      '{"key":"a","versionId":"1"}\n{"key":"a","versionId":"1"}',
      ['dir/a', 'dir/a'],
      'the same version twice',
    ],
    ['{"key":"#a\\n\\u0007"}', ['dir/#a\n\u0007'], 'any characters'],
  ])('in JSON are %s', async (text, keys) => {
    expect(await read(text, 10, 'x.jsonl')).toEqual(keys);
  });

  it.each([
    ['{"key":"a"}\n{', /line 2 of s3:\/\/lists\/x.jsonl is not JSON/],
    ['{"sise":1}', /line 1 .* is wrong: .*"sise"/s],
    ['{"size":1}', /line 1 .* has neither key nor sourceKey/],
    ['"a"', /line 1 .* is wrong/],
    ['{"key":"a","versionId":""}', /line 1 .* is wrong: .*versionId/s],
    ['{"key":"\\ud800"}', /line 1 .* is not well-formed Unicode/],
    ['{"sourceKey":"other"}', /line 1 .* names key "other", which does not lie in src/],
    [
      '{"key":"a","versionId":"1"}\n{"key":"b"}\n{"key":"a","versionId":"2"}',
      /line 3 .* names version "2" of "dir\/a", of which line 1 names version "1": a list may name only one version of each key/,
    ],
    [
      '{"key":"a"}\n{"key":"a","versionId":"2"}',
      /line 2 .* names version "2" of "dir\/a", of which line 1 names the current version/,
    ],
  ])('in JSON are refused when a line is %s', async (text, message) => {
    await expect(read(text, 10, 'x.jsonl')).rejects.toThrow(message);
  });

  it('are refused beyond the limit, too, when they name two versions of one key', async () => {
    const lines = ['1', '1', '2'].map((versionId) => JSON.stringify({ key: 'a', versionId }));
    await expect(read(lines.join('\n'), 1, 'x.jsonl')).rejects.toThrow('line 3 ');
  });

  it('in JSON cannot be relative to a pattern, but whole', async () => {
    const list = (text: string) => listOf('x.jsonl', () => chunked(text, 9));
    const pattern = readSourcePath('dir/b*');
    expect(await all(listedKeys(list('{"key":"x","sourceKey":"dir/bx"}'), pattern))).toEqual(['dir/bx']);
    await expect(all(listedKeys(list('{"key":"bx"}'), pattern))).rejects.toThrow(
      'line 1 of s3://lists/x.jsonl names key "bx", which cannot be relative to a src that ends in a pattern: name sourceKey',
    );
  });

  it('are refused with their line when no key can be so long', async () => {
    const text = `a\n${'ü'.repeat(510)}\n${'ü'.repeat(511)}`;
    await expect(read(text)).rejects.toThrow(
      'line 3 of s3://lists/keys.txt names a key of more than 1024 bytes',
    );
    expect(await read(text.split('\n').slice(0, 2).join('\n'))).toHaveLength(2);
  });

  it('are a million at most that need no order', async () => {
    const lines = (count: number, last: string) => () =>
      (function* () {
        for (let n = 0; n < count; n += 1_000) {
          const some = Array.from({ length: 1_000 }, (_, m) => `${String(n + m).padStart(7, '0')}\n`);
          yield new TextEncoder().encode(some.join(''));
        }
        yield new TextEncoder().encode(last);
      })();
    let count = 0;
    const drain = async (list: List) => {
      for await (const _ of listedKeys(list, readSourcePath(''))) count += 1;
    };
    await expect(drain(listOf('keys.txt', lines(1_001_000, '0\n')))).rejects.toThrow(
      'line 1001001 of s3://lists/keys.txt is out of order: a list of more than 1000000 lines must be sorted',
    );
    expect(count).toBe(1_001_000);
  });

  it('are refused when they are not UTF-8, since they would be other keys', async () => {
    const latin = listOf('keys.txt', () => [Uint8Array.of(0x61, 0x0a, 0xfc, 0x0a)]);
    await expect(all(listedKeys(latin, readSourcePath('')))).rejects.toThrow('is not UTF-8');
  });
});

describe('the paths of a list', () => {
  const paths = async (text: string, name = 'paths.txt'): Promise<string[]> => {
    const list: List = { ...listOf(name, () => chunked(text, 7)), lines: noLines('prefixesFrom') };
    const found: string[] = [];
    for await (const path of listedPrefixes(list)) found.push(path);
    return found;
  };

  it('are its lines, or the keys of its JSON lines', async () => {
    expect(await paths('b\n# no\na*\nc/*')).toEqual(['b', 'a*', 'c/*']);
    expect(await paths('{"key":"b"}\n{"key":"a\\n*"}', 'paths.jsonl')).toEqual(['b', 'a\n*']);
  });

  it.each([
    ['paths.txt', 'a\nb*/c', 'line 2 of s3://lists/paths.txt names "b*/c": it may have a * only as its last'],
    ['paths.jsonl', '{"key":"a**"}', 'line 1 of s3://lists/paths.jsonl names "a**"'],
    ['paths.jsonl', '{"sourceKey":"a"}', 'line 1 of s3://lists/paths.jsonl names sourceKey "a"'],
    ['paths.jsonl', '{"key":"a","versionId":"v"}', 'line 1 of s3://lists/paths.jsonl names versionId "v"'],
    ['paths.jsonl', '{}', 'line 1 of s3://lists/paths.jsonl has no key'],
  ])('in %s are refused by name and line: %s', async (name, text, message) => {
    await expect(paths(text, name)).rejects.toThrow(`prefixesFrom: ${message}`);
  });
});
