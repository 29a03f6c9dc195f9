import type { DatabaseSync } from 'node:sqlite';
import { RowQuery } from './row-query.ts';

/** The definitions that executions were started with. */
export class DefinitionTable {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** Stores a definition if it is new, and returns its id. Equal texts have the same id. */
  intern(text: string): number {
    this.#database.prepare('insert or ignore into definitions (text) values (?)').run(text);
    const sql = 'select id from definitions where text = ?';
    return new RowQuery<{ id: number }>(this.#database, sql).get(text).id;
  }

  text(id: number): string {
    const sql = 'select text from definitions where id = ?';
    return new RowQuery<{ text: string }>(this.#database, sql).get(id).text;
  }

  /** Deletes definitions that no execution uses. */
  forgetUnused(): void {
    this.#database.exec(
      'delete from definitions where id not in (select definition from executions where definition is not null)',
    );
  }
}
