import type { DatabaseSync } from 'node:sqlite';

/** The definitions that executions were started with. */
export class DefinitionTable {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** The id of a definition, which is the same for the same text. */
  intern(text: string): number {
    this.#database.prepare('insert or ignore into definitions (text) values (?)').run(text);
    const row = this.#database.prepare('select id from definitions where text = ?').get(text);
    return (row as { id: number }).id;
  }

  text(id: number): string {
    return (this.#database.prepare('select text from definitions where id = ?').get(id) as { text: string })
      .text;
  }

  /** Forgets definitions of which no execution is left. */
  forgetUnused(): void {
    this.#database.exec(
      'delete from definitions where id not in (select definition from executions where definition is not null)',
    );
  }
}
