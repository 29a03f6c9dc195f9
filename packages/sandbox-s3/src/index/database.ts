import { join } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { makeFolder, toStorageError } from 'local-storage/storage';

/**
 * Keys are BLOBs: SQLite compares those by memcmp, which is S3's order (UTF-8 bytes).
 * What a listing needs stands before the columns that may be long. Ids of blobs are never used twice, since digests
 * are remembered by them.
 */
const schema = `
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS buckets (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, created INTEGER NOT NULL, settings TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS blobs (id INTEGER PRIMARY KEY AUTOINCREMENT, size INTEGER NOT NULL, refs INTEGER NOT NULL, bytes BLOB);
CREATE TABLE IF NOT EXISTS digests (content TEXT PRIMARY KEY, blob INTEGER NOT NULL, digests TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS digests_by_blob ON digests (blob);
CREATE TABLE IF NOT EXISTS objects (
  id INTEGER PRIMARY KEY, bucket INTEGER NOT NULL, key BLOB NOT NULL, sequence INTEGER NOT NULL, version TEXT NOT NULL,
  latest INTEGER NOT NULL, marker INTEGER NOT NULL, size INTEGER NOT NULL, etag TEXT NOT NULL, modified INTEGER NOT NULL,
  checksum TEXT, properties TEXT NOT NULL, content TEXT NOT NULL, parts TEXT);
CREATE UNIQUE INDEX IF NOT EXISTS objects_versions ON objects (bucket, key, sequence DESC);
CREATE INDEX IF NOT EXISTS objects_latest ON objects (bucket, key) WHERE latest = 1 AND marker = 0;
CREATE TABLE IF NOT EXISTS uploads (
  id TEXT PRIMARY KEY, bucket INTEGER NOT NULL, key BLOB NOT NULL, sequence INTEGER NOT NULL, initiated INTEGER NOT NULL,
  state TEXT NOT NULL, settings TEXT NOT NULL, outcome TEXT);
CREATE INDEX IF NOT EXISTS uploads_by_key ON uploads (bucket, key, sequence);
CREATE TABLE IF NOT EXISTS parts (
  upload TEXT NOT NULL, number INTEGER NOT NULL, size INTEGER NOT NULL, etag TEXT NOT NULL, modified INTEGER NOT NULL,
  checksums TEXT NOT NULL, content TEXT NOT NULL, PRIMARY KEY (upload, number)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS overtaken (upload TEXT NOT NULL, event TEXT NOT NULL, PRIMARY KEY (upload, event)) WITHOUT ROWID;
`;

/** One process holds the files for as long as it lives; its end, however it comes, frees them. */
const pragmas = `
PRAGMA busy_timeout = 1000;
PRAGMA locking_mode = EXCLUSIVE;
PRAGMA journal_mode = WAL;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -32768;
`;

/**
 * The index of the store: everything but the bytes of larger objects.
 *
 * A transaction is either whole or absent after `kill -9` (write-ahead log). `synchronous` is off: a power cut,
 * unlike a killed process, may take the last moments.
 * @see https://www.sqlite.org/pragma.html#pragma_synchronous (read 2026-11-22)
 */
export class Database {
  readonly #directory: string;
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  #depth = 0;

  constructor(directory: string) {
    this.#directory = directory;
    makeFolder(directory);
    this.#db = this.#explained(() => new DatabaseSync(join(directory, 'index.sqlite')));
    try {
      this.#explained(() => this.#db.exec(pragmas));
      this.#explained(() => this.#db.exec(schema));
    } catch (error) {
      this.#db.close();
      if (!/locked|busy/.test(String(error))) throw error;
      throw new Error(`data directory ${directory} is in use by another store`, { cause: error });
    }
  }

  /** Runs something that may find the disk full. */
  #explained<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw toStorageError(error, this.#directory) ?? error;
    }
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#db.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  /** The first row. `Row` is the caller's word for what its SQL selects. */
  get<Row>(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.#explained(() => this.#prepare(sql).get(...values)) as Row | undefined;
  }

  /** All rows: for queries with a LIMIT. */
  all<Row>(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#prepare(sql).all(...values) as Row[];
  }

  /** Rows one by one. The statement is not shared, so that walks may nest. */
  each<Row>(sql: string, ...values: SQLInputValue[]): IterableIterator<Row> {
    return this.#db.prepare(sql).iterate(...values) as IterableIterator<Row>;
  }

  /** Runs a statement that changes rows. */
  run(sql: string, ...values: SQLInputValue[]): { changes: number; lastId: number } {
    const { changes, lastInsertRowid } = this.#explained(() => this.#prepare(sql).run(...values));
    return { changes: Number(changes), lastId: Number(lastInsertRowid) };
  }

  /** Runs `change` as one transaction; it must not await. A transaction inside another joins it. */
  transaction<T>(change: () => T): T {
    if (this.#depth > 0) return change();
    this.#depth++;
    this.#prepare('BEGIN IMMEDIATE').run();
    try {
      const result = change();
      this.#explained(() => this.#prepare('COMMIT').run());
      return result;
    } catch (error) {
      // A full disk has rolled it back already: to do it again would hide the error.
      if (this.#db.isTransaction) this.#prepare('ROLLBACK').run();
      throw error;
    } finally {
      this.#depth--;
    }
  }

  close(): void {
    this.#statements.clear();
    this.#db.close();
  }
}
