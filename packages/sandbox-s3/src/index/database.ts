import { join } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { makeFolder, toStorageError } from 'local-storage/storage';

/**
 * Keys are BLOBs, because SQLite compares BLOBs byte by byte, which is S3's order of keys (UTF-8). The columns that a
 * listing needs come before those that can be long. Ids of blobs are never used again, because digests are stored by id.
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

/** The process locks the files until it ends, in whatever way it ends. */
const pragmas = `
PRAGMA busy_timeout = 1000;
PRAGMA locking_mode = EXCLUSIVE;
PRAGMA journal_mode = WAL;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -32768;
`;

/**
 * The index of the store: everything except the bytes of larger objects.
 *
 * After `kill -9`, a transaction is either complete or absent (write-ahead log). Since `synchronous` is off, a power
 * failure can lose the last transactions.
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
      throw new Error(`the data directory ${directory} is in use by another store`, { cause: error });
    }
  }

  /** Runs something that fails when the disk is full, and replaces that error by one that says what to do. */
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

  /** Returns the first row. `Row` must describe the columns that the SQL selects. */
  get<Row>(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.#explained(() => this.#prepare(sql).get(...values)) as Row | undefined;
  }

  /** Returns all rows. Use it for queries with a LIMIT. */
  all<Row>(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#prepare(sql).all(...values) as Row[];
  }

  /** Returns rows one by one. The statement is not shared, so that iterations can be nested. */
  each<Row>(sql: string, ...values: SQLInputValue[]): IterableIterator<Row> {
    return this.#db.prepare(sql).iterate(...values) as IterableIterator<Row>;
  }

  /** Runs a statement that changes rows. */
  run(sql: string, ...values: SQLInputValue[]): { changes: number; lastId: number } {
    const { changes, lastInsertRowid } = this.#explained(() => this.#prepare(sql).run(...values));
    return { changes: Number(changes), lastId: Number(lastInsertRowid) };
  }

  /** Runs `change`, which must not be asynchronous, as one transaction. A nested transaction joins the outer one. */
  transaction<T>(change: () => T): T {
    if (this.#depth > 0) return change();
    this.#depth++;
    this.#prepare('BEGIN IMMEDIATE').run();
    try {
      const result = change();
      this.#explained(() => this.#prepare('COMMIT').run());
      return result;
    } catch (error) {
      // A full disk has already rolled it back. A second ROLLBACK would fail and hide the error.
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
