import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';

/** A prepared statement that returns rows. The caller makes sure that `Row` has the columns of the statement. */
export class RowQuery<Row> {
  readonly #statement: StatementSync;

  constructor(database: DatabaseSync, sql: string) {
    this.#statement = database.prepare(sql);
  }

  /** Returns the first row, or undefined when there is none. */
  find(...values: SQLInputValue[]): Row | undefined {
    return this.#statement.get(...values) as Row | undefined;
  }

  /**
   * Returns the first row.
   *
   * @throws {Error} when there is none
   */
  get(...values: SQLInputValue[]): Row {
    const row = this.find(...values);
    if (row === undefined)
      throw new Error(`No row for (${values.join(', ')}) in: ${this.#statement.sourceSQL}`);
    return row;
  }

  all(...values: SQLInputValue[]): Row[] {
    return this.#statement.all(...values) as Row[];
  }
}
