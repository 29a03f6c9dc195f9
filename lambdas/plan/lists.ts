import * as z from 'zod';
import { compareKeys } from '../core/bytes.ts';
import { CopyError } from '../core/errors.ts';
import { formatLocation, type Location } from '../core/location.ts';
import { absoluteKey, type SourcePath } from '../core/paths.ts';
import type { ObjectStore } from '../s3/object-store.ts';
import type { Requests } from '../s3/requests.ts';

/** Lines of a list that are held in memory and sorted; a longer list must come sorted. */
export const longestUnsorted = 1_000_000;

/** A line of a `.jsonl` list; the further fields are those of `failures.jsonl`, and mean nothing here. */
const JsonLine = z.strictObject({
  /** Relative key. */
  key: z.string().min(1).optional(),
  /** Absolute key of the source, which counts when both stand. */
  sourceKey: z.string().min(1).optional(),
  versionId: z.string().optional(),
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
  readonly field: 'filesFrom' | 'prefixesFrom';
  readonly location: Location;
  readonly store: ObjectStore;
  readonly requests: Requests;
}

const nameOf = ({ field, location }: List, line: number): string =>
  `${field}: line ${line} of ${formatLocation(location.bucket, location.path)}`;

const refuse = (list: List, line: number, what: string): CopyError =>
  new CopyError('InvalidRequestError', `${nameOf(list, line)} ${what}`, { field: list.field, line });

/**
 * The lines of a text in S3, without their ends, and their numbers from 1. Comments and empty lines are left out.
 *
 * @throws {CopyError} `InvalidRequestError` when the object does not exist
 */
export async function* readLines(
  list: List,
): AsyncGenerator<{ readonly text: string; readonly line: number }> {
  const { bucket, path } = list.location;
  const body = await list.requests.send(() => list.store.stream({ bucket, key: path }));
  if (body === undefined) {
    throw new CopyError(
      'InvalidRequestError',
      `${list.field}: ${formatLocation(bucket, path)} does not exist`,
    );
  }
  const isJson = path.endsWith('.jsonl');
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let line = 0;
  let rest = '';
  for await (const chunk of body) {
    const texts = (rest + decode(list, decoder, line, chunk)).split('\n');
    rest = texts.pop() ?? '';
    for (const text of texts) {
      line += 1;
      if (text !== '' && (isJson || !text.startsWith('#'))) yield { text, line };
    }
  }
  rest += decode(list, decoder, line);
  if (rest !== '' && (isJson || !rest.startsWith('#'))) yield { text: rest, line: line + 1 };
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
    throw refuse(list, line + 1, 'or one soon behind it is not UTF-8');
  }
}

function parseJsonLine(list: List, path: SourcePath, text: string, line: number): string {
  const parsed = JsonLine.safeParse(parseJson(list, text, line));
  if (!parsed.success) throw refuse(list, line, `is wrong: ${z.prettifyError(parsed.error)}`);
  const { key, sourceKey, versionId } = parsed.data;
  if (versionId !== undefined)
    throw refuse(list, line, `names versionId ${JSON.stringify(versionId)}, which is not supported yet`);
  if (sourceKey !== undefined) return sourceKey;
  if (key === undefined) throw refuse(list, line, 'has neither key nor sourceKey');
  return absoluteKey(path, key);
}

function parseJson(list: List, text: string, line: number): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw refuse(list, line, `is not JSON: ${(error as Error).message}`);
  }
}

/**
 * The source keys that a list of files names, in byte order.
 *
 * @param limit lines that are held and sorted; behind them the list must be in order
 * @throws {CopyError} `InvalidRequestError` naming the first line out of order of a longer list
 */
export async function* listedKeys(
  list: List,
  path: SourcePath,
  limit: number = longestUnsorted,
): AsyncGenerator<string> {
  const held: string[] = [];
  let isLong = false;
  let last: string | undefined;
  let outOfOrder: number | undefined;
  for await (const { text, line } of readLines(list)) {
    const key = keyOf(list, path, text, line);
    if (last !== undefined && compareKeys(last, key) > 0) outOfOrder ??= line;
    last = key;
    held.push(key);
    isLong ||= held.length > limit;
    if (!isLong) continue;
    if (outOfOrder !== undefined) throw unsorted(list, outOfOrder, limit);
    yield* held.splice(0);
  }
  yield* outOfOrder === undefined ? held : held.sort(compareKeys);
}

const keyOf = (list: List, path: SourcePath, text: string, line: number): string =>
  list.location.path.endsWith('.jsonl') ? parseJsonLine(list, path, text, line) : absoluteKey(path, text);

const unsorted = (list: List, line: number, limit: number): CopyError =>
  refuse(
    list,
    line,
    `is out of order: a list of more than ${limit} lines must be sorted by bytes (LC_ALL=C sort -u)`,
  );
