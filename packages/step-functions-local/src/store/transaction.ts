import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { toStorageError } from 'local-storage/storage';
import { HistoryLimitError } from '../errors.ts';

/**
 * Runs synchronous statements in transactions. A transaction inside another becomes part of it.
 *
 * When the history is full, the events that still fit are kept, so that it has no gap. Work that adds several events
 * must add them before it changes anything else.
 */
export class Transactions {
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  readonly #rollback: StatementSync;
  readonly #database: DatabaseSync;
  readonly #directory: string;
  #open = false;

  /** @param directory the folder of the database, named in error messages */
  constructor(database: DatabaseSync, directory: string) {
    this.#database = database;
    this.#directory = directory;
    this.#begin = database.prepare('begin');
    this.#commit = database.prepare('commit');
    this.#rollback = database.prepare('rollback');
  }

  run<T>(work: () => T): T {
    if (this.#open) return work();
    this.#begin.run();
    this.#open = true;
    try {
      const result = work();
      this.#commit.run();
      return result;
    } catch (error) {
      // SQLite itself has rolled back when the disk is full. Another rollback would fail and hide the error.
      if (this.#database.isTransaction) {
        (error instanceof HistoryLimitError ? this.#commit : this.#rollback).run();
      }
      throw toStorageError(error, this.#directory) ?? error;
    } finally {
      this.#open = false;
    }
  }
}
