import type { Bucket } from './buckets.ts';
import type { Database } from './database.ts';
import type { ObjectChecksum, ObjectProperties } from './objects.ts';

/** An object in a listing. */
export interface ListedObject {
  readonly key: string;
  readonly version: string;
  readonly latest: boolean;
  readonly marker: boolean;
  readonly size: number;
  readonly etag: string;
  readonly modified: number;
  readonly checksum: ObjectChecksum | undefined;
  readonly properties: ObjectProperties;
}

/** An entry of a listing: one item, or a common prefix that stands for all keys that start with it. */
export type Listed<T> = { readonly item: T } | { readonly commonPrefix: string };

/** Which keys are listed. */
export interface ListingScope {
  readonly prefix: string;
  readonly delimiter: string;
  /** Only keys that sort after this one are listed. */
  readonly after: string;
}

interface Keyed {
  key: Uint8Array;
}

const end = Buffer.from([0xff]);

/** The first sequence of bytes that sorts after all that start with this prefix. No byte of UTF-8 is 0xff. */
function successor(prefix: Buffer): Buffer {
  if (prefix.length === 0) return end;
  const next = Buffer.from(prefix);
  next[next.length - 1] = (next.at(-1) ?? 0) + 1;
  return next;
}

function findCommonPrefix(key: Buffer, prefix: Buffer, delimiter: Buffer): Buffer | undefined {
  if (delimiter.length === 0) return undefined;
  const at = key.indexOf(delimiter, prefix.length);
  return at < 0 ? undefined : key.subarray(0, at + delimiter.length);
}

/**
 * Iterates over keys in the order of their bytes. Keys that contain the delimiter after the prefix become one common
 * prefix; one query skips all of them.
 *
 * A common prefix is listed only if it sorts after `after`. So the last entry of a page, a key or a common prefix, is
 * where the next page continues.
 *
 * @param rows the rows with `from <= key < to`, in order
 */
export function* walk<Row extends Keyed>(
  scope: ListingScope,
  rows: (from: Buffer, to: Buffer) => Iterable<Row>,
): Generator<Listed<Row>, void, undefined> {
  const [prefix, delimiter, after] = [
    Buffer.from(scope.prefix),
    Buffer.from(scope.delimiter),
    Buffer.from(scope.after),
  ];
  const to = successor(prefix);
  let from: Buffer | undefined = Buffer.compare(after, prefix) > 0 ? after : prefix;
  while (from !== undefined) {
    const start: Buffer = from;
    from = undefined;
    for (const row of rows(start, to)) {
      const key = Buffer.from(row.key.buffer, row.key.byteOffset, row.key.byteLength);
      const common = findCommonPrefix(key, prefix, delimiter);
      if (common === undefined) {
        yield { item: row };
        continue;
      }
      if (Buffer.compare(common, after) > 0) yield { commonPrefix: common.toString() };
      from = successor(common);
      break;
    }
  }
}

interface ListingRow extends Keyed {
  version: string;
  latest: number;
  marker: number;
  size: number;
  etag: string;
  modified: number;
  checksum: string | null;
  properties: string;
  sequence: number;
}

const columns = 'key, version, latest, marker, size, etag, modified, checksum, properties, sequence';

function toListed(row: ListingRow): ListedObject {
  return {
    ...row,
    key: Buffer.from(row.key).toString(),
    latest: row.latest === 1,
    marker: row.marker === 1,
    checksum: row.checksum === null ? undefined : (JSON.parse(row.checksum) as ObjectChecksum),
    properties: JSON.parse(row.properties) as ObjectProperties,
  };
}

function* mapItems<Row, T>(
  entries: Iterable<Listed<Row>>,
  map: (row: Row) => T,
): Generator<Listed<T>, void, undefined> {
  for (const entry of entries) yield 'item' in entry ? { item: map(entry.item) } : entry;
}

/** Lists the current objects of a bucket, without delete markers. Do not await while you iterate. */
export function* listCurrent(
  db: Database,
  bucket: Bucket,
  scope: ListingScope,
): Generator<Listed<ListedObject>, void, undefined> {
  const sql = `SELECT ${columns} FROM objects INDEXED BY objects_latest
    WHERE latest = 1 AND marker = 0 AND bucket = ? AND key >= ? AND key < ? ORDER BY key`;
  for (const entry of walk(scope, (from, to) => db.each<ListingRow>(sql, bucket.id, from, to))) {
    const listed = 'item' in entry ? { item: toListed(entry.item) } : entry;
    if (!('item' in listed) || listed.item.key !== scope.after) yield listed;
  }
}

/** Where a listing of versions continues: after one version of the key `after`, or after all its versions. */
export interface VersionScope extends ListingScope {
  readonly afterSequence: number | undefined;
}

/** Lists all versions and delete markers of a bucket; of each key, the newest first. */
export function* listVersions(
  db: Database,
  bucket: Bucket,
  scope: VersionScope,
): Generator<Listed<ListedObject>, void, undefined> {
  const sql = `SELECT ${columns} FROM objects WHERE bucket = ? AND key >= ? AND key < ? ORDER BY key, sequence DESC`;
  const rows = walk(scope, (from, to) => db.each<ListingRow>(sql, bucket.id, from, to));
  for (const entry of rows) {
    if ('item' in entry && isBefore(entry.item, scope)) continue;
    yield* mapItems([entry], toListed);
  }
}

function isBefore(row: ListingRow, { after, afterSequence }: VersionScope): boolean {
  if (after === '' || Buffer.from(row.key).toString() !== after) return false;
  return afterSequence === undefined || row.sequence >= afterSequence;
}
