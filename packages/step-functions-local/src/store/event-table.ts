import type { DatabaseSync, StatementSync } from 'node:sqlite';

/** One event of a history; `details` is the JSON of its `…EventDetails`. */
export interface EventRow {
  readonly id: number;
  readonly previous_id: number;
  readonly timestamp: number;
  readonly type: string;
  readonly details: string | null;
}

/** The histories. */
export class EventTable {
  readonly #insert: StatementSync;
  readonly #last: StatementSync;
  readonly #forward: StatementSync;
  readonly #backward: StatementSync;
  readonly #changes: StatementSync;

  constructor(database: DatabaseSync) {
    this.#insert = database.prepare('insert into events values (?, ?, ?, ?, ?, ?)');
    this.#last = database.prepare('select max(id) as last from events where execution = ?');
    this.#forward = database.prepare(
      'select * from events where execution = ? and id > ? order by id limit ?',
    );
    this.#backward = database.prepare(
      'select * from events where execution = ? and id < ? order by id desc limit ?',
    );
    this.#changes = database.prepare(
      `select * from events where execution = ? and timestamp <= ? and type like 'Execution%' order by id`,
    );
  }

  /** Adds an event; its id is also the number of events so far. */
  insert(execution: number, event: EventRow): void {
    this.#insert.run(execution, event.id, event.previous_id, event.timestamp, event.type, event.details);
  }

  /** How many events a history has. */
  count(execution: number): number {
    return (this.#last.get(execution) as { last: number | null }).last ?? 0;
  }

  /** The events up to a moment that began, ended or restarted the execution. */
  changesUntil(execution: number, moment: number): EventRow[] {
    return this.#changes.all(execution, moment) as never;
  }

  /** A page of events after `after`, oldest first, or before it, newest first. */
  page(execution: number, after: number, limit: number, newestFirst: boolean): EventRow[] {
    return (newestFirst ? this.#backward : this.#forward).all(execution, after, limit) as never;
  }
}
