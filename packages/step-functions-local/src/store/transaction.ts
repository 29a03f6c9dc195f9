import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { toStorageError } from 'local-storage/storage';
import { HistoryLimitError } from '../errors.ts';

/**
 * Runs synchronous statements all or nothing; a transaction inside another is part of it.
 *
 * A full history keeps the events that it had room for, so that it ends without a gap. Work that adds several events
 * adds them before it changes anything else.
 */
export class Transactions {
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  readonly #rollback: StatementSync;
  readonly #database: DatabaseSync;
  readonly #directory: string;
  #open = false;

  /** @param directory of the database, for the words of errors */
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
      // A full disk has rolled it back already: to do it again would hide the error.
      if (this.#database.isTransaction) {
        (error instanceof HistoryLimitError ? this.#commit : this.#rollback).run();
      }
      throw toStorageError(error, this.#directory) ?? error;
    } finally {
      this.#open = false;
    }
  }
}
