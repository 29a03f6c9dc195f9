import type { DatabaseSync, StatementSync } from 'node:sqlite';
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
  #open = false;

  constructor(database: DatabaseSync) {
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
      (error instanceof HistoryLimitError ? this.#commit : this.#rollback).run();
      throw error;
    } finally {
      this.#open = false;
    }
  }
}
