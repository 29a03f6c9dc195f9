import type { DatabaseSync } from 'node:sqlite';

/** Runs synchronous statements all or nothing; a transaction inside another is part of it. */
export class Transactions {
  readonly #database: DatabaseSync;
  #depth = 0;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  run<T>(work: () => T): T {
    if (this.#depth > 0) return work();
    this.#database.exec('begin');
    this.#depth = 1;
    try {
      const result = work();
      this.#database.exec('commit');
      return result;
    } catch (error) {
      this.#database.exec('rollback');
      throw error;
    } finally {
      this.#depth = 0;
    }
  }
}
