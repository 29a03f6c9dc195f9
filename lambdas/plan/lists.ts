import * as z from 'zod';
import { compareKeys } from '../../core/model/bytes.ts';
import { CopyError } from '../../core/model/errors.ts';
import { S3Limits } from '../../core/model/limits.ts';
import type { ListLines } from '../../core/model/list-lines.ts';
import { formatLocation, type Location } from '../../core/model/location.ts';
import {
  absoluteKey,
  coversItem,
  hasMisplacedStar,
  isFolder,
  isTooLong,
  type SourcePath,
} from '../../core/model/paths.ts';
import type { ObjectStore } from '../../core/s3/object-store.ts';
import type { RequestLimiter } from '../../core/s3/request-limiter.ts';

/** Lines of a list that are held in memory and sorted; a longer list must come sorted. */
export const longestUnsorted = 1_000_000;

/** A line of a `.jsonl` list; the further fields are those of `failures.jsonl`, and mean nothing here. */
const JsonLine = z.strictObject({
  /** Relative key. */
  key: z.string().min(1).optional(),
  /** Absolute key of the source, which counts when both stand. */
  sourceKey: z.string().min(1).optional(),
  /** Version of the source to copy. */
  versionId: z.string().min(1).optional(),
  target: z.string().optional(),
  status: z.string().optional(),
  reason: z.string().optional(),
  error: z.string().optional(),
  message: z.string().optional(),
  size: z.number().optional(),
  etag: z.string().optional(),
});

/** A list that a request names. */
export interface List {
  readonly location: Location;
  readonly store: ObjectStore;
  readonly limiter: RequestLimiter;
  /** Counts the lines as they are read. */
  readonly lines: ListLines;
}

const nameOf = ({ lines: { field }, location }: List, line: number): string =>
  `${field}: line ${line} of ${formatLocation(location.bucket, location.path)}`;

const refuse = (list: List, line: number, what: string): CopyError =>
  new CopyError('InvalidRequestError', `${nameOf(list, line)} ${what}`, { field: list.lines.field, line });

/**
 * The lines of a text in S3, without their ends, and their numbers from 1. Comments and blank lines are left out.
 *
 * @throws {CopyError} `InvalidRequestError` when the object does not exist
 */
async function* readLines(list: List): AsyncGenerator<{ readonly text: string; readonly line: number }> {
  const { bucket, path } = list.location;
  const body = await list.limiter.send(() => list.store.stream({ bucket, key: path }));
  if (body === undefined) {
    throw new CopyError(
      'InvalidRequestError',
      `${list.lines.field}: ${formatLocation(bucket, path)} does not exist`,
    );
  }
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let line = 0;
  let rest = '';
  for await (const chunk of body) {
    const texts = (rest + decode(list, decoder, line, chunk)).split('\n');
    rest = texts.pop() ?? '';
    for (const text of texts) {
      line += 1;
      if (isEntry(list, text)) yield { text, line };
    }
  }
  rest += decode(list, decoder, line);
  if (isEntry(list, rest)) yield { text: rest, line: line + 1 };
}

/**
 * Whether a line names something. A key may be of blanks alone, so that in a plain list only an empty line is blank,
 * also with the carriage return of Windows before its end.
 */
function isEntry(list: List, text: string): boolean {
  const { lines } = list;
  if (isJson(list) ? /^[ \t\r]*$/.test(text) : text === '' || text === '\r') return false;
  if (!isJson(list) && text.startsWith('#')) {
    lines.comments += 1;
    return false;
  }
  lines.names += 1;
  if (!isJson(list) && text.endsWith('\r')) lines.returns += 1;
  return true;
}

/** Keys are UTF-8; a list in another encoding would name other keys. */
function decode(
  list: List,
  decoder: InstanceType<typeof TextDecoder>,
  line: number,
  chunk?: Uint8Array,
): string {
  try {
    return decoder.decode(chunk, { stream: chunk !== undefined });
  } catch {
    throw refuse(list, line + 1, 'or one soon after it is not UTF-8');
  }
}

/** A source key that a list names, and what version of it. */
export interface ListedKey {
  readonly key: string;
  readonly versionId?: string;
  /** Number of its line, from 1. */
  readonly line: number;
}

const isJson = ({ location }: List): boolean => location.path.endsWith('.jsonl');

function parseJsonLine(list: List, text: string, line: number): z.infer<typeof JsonLine> {
  const parsed = JsonLine.safeParse(parseJson(list, text, line));
  if (parsed.success) return parsed.data;
  throw refuse(list, line, `is wrong: ${parsed.error.issues.map(inOneLine).join('; ')}`);
}

const inOneLine = ({ path, message }: z.core.$ZodIssue): string =>
  [...path.map(String), message.replace(/^Invalid input: /, '')].join(': ');

/** The key that a JSON line names. A key cannot be relative to a pattern in `src`. */
function parseJsonKey(list: List, path: SourcePath, text: string, line: number): ListedKey {
  const { key, sourceKey, versionId } = parseJsonLine(list, text, line);
  const version = versionId === undefined ? {} : { versionId };
  if (sourceKey !== undefined) return { key: sourceKey, ...version, line };
  if (key === undefined) throw refuse(list, line, 'has neither key nor sourceKey');
  if (isFolder(path)) return { key: absoluteKey(path, key), ...version, line };
  throw refuse(
    list,
    line,
    `names key ${JSON.stringify(key)}, which cannot be relative to a src that ends in a pattern: name sourceKey, the whole key, instead`,
  );
}

function parseJson(list: List, text: string, line: number): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // The place that the message ends with is that in the line, which it takes for the first of all.
    const what = (error as Error).message.replace(/ \(line 1 column \d+\)$/, '');
    throw refuse(list, line, `is not JSON: ${what}`);
  }
}

/**
 * The source keys that a list of files names, in byte order.
 *
 * @param limit lines that are held and sorted; a longer list must be in order
 * @throws {CopyError} `InvalidRequestError` naming the first line out of order of a longer list
 */
export async function* listedKeys(
  list: List,
  path: SourcePath,
  limit: number = longestUnsorted,
): AsyncGenerator<ListedKey> {
  let last: ListedKey | undefined;
  for await (const named of sortedKeys(list, path, limit)) {
    if (last?.key === named.key && last.versionId !== named.versionId) throw twoVersions(list, last, named);
    last = named;
    yield named;
  }
}

async function* sortedKeys(list: List, path: SourcePath, limit: number): AsyncGenerator<ListedKey> {
  const held: ListedKey[] = [];
  let isLong = false;
  let last: string | undefined;
  let outOfOrder: number | undefined;
  for await (const { text, line } of readLines(list)) {
    const named = keyOf(list, path, text, line);
    if (last !== undefined && compareKeys(last, named.key) > 0) outOfOrder ??= line;
    last = named.key;
    held.push(named);
    isLong ||= held.length > limit;
    if (!isLong) continue;
    if (outOfOrder !== undefined) throw unsorted(list, outOfOrder, limit);
    yield* held.splice(0);
  }
  yield* outOfOrder === undefined ? held : held.sort((a, b) => compareKeys(a.key, b.key));
}

function keyOf(list: List, path: SourcePath, text: string, line: number): ListedKey {
  const named = isJson(list) ? parseJsonKey(list, path, text, line) : { key: absoluteKey(path, text), line };
  const { key } = named;
  if (!key.isWellFormed())
    throw refuse(
      list,
      line,
      `names key ${JSON.stringify(key)}, which is not well-formed Unicode, as keys are`,
    );
  if (isTooLong(key)) throw refuse(list, line, `names a key of more than ${S3Limits.maxKeyBytes} bytes`);
  if (path.selected.some((selected) => coversItem(selected, { kind: 'key', key }))) return named;
  throw refuse(list, line, `names key ${JSON.stringify(key)}, which does not lie in src`);
}

const versionOf = ({ versionId }: ListedKey): string =>
  versionId === undefined ? 'the current version' : `version ${JSON.stringify(versionId)}`;

/** At the destination a key has one current version, so that only one of the source can become it. */
const twoVersions = (list: List, first: ListedKey, second: ListedKey): CopyError =>
  refuse(
    list,
    second.line,
    `names ${versionOf(second)} of ${JSON.stringify(second.key)}, of which line ${first.line} names ${versionOf(first)}: a list may name only one version of each key`,
  );

/**
 * The paths that a list of prefixes names, in the order of the list.
 *
 * @throws {CopyError} `InvalidRequestError` naming the first line that is wrong
 */
export async function* listedPrefixes(list: List): AsyncGenerator<string> {
  for await (const { text, line } of readLines(list)) {
    const prefix = isJson(list) ? parseJsonPrefix(list, text, line) : text;
    if (hasMisplacedStar(prefix)) {
      throw refuse(list, line, `names ${JSON.stringify(prefix)}: it may have a * only as its last character`);
    }
    yield prefix;
  }
}

function parseJsonPrefix(list: List, text: string, line: number): string {
  const { key, sourceKey, versionId } = parseJsonLine(list, text, line);
  const wrong = sourceKey === undefined ? versionId : sourceKey;
  if (wrong !== undefined) {
    const name = sourceKey === undefined ? 'versionId' : 'sourceKey';
    throw refuse(
      list,
      line,
      `names ${name} ${JSON.stringify(wrong)}, which a path cannot have: name it in key`,
    );
  }
  if (key === undefined) throw refuse(list, line, 'has no key');
  return key;
}

const unsorted = (list: List, line: number, limit: number): CopyError =>
  refuse(
    list,
    line,
    `is out of order: a list of more than ${limit} lines must be sorted by bytes (LC_ALL=C sort -u)`,
  );
