import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { RowQuery } from './row-query.ts';

/** One event of a history. `details` is the JSON of its `…EventDetails`. */
export interface EventRow {
  readonly id: number;
  readonly previous_id: number;
  readonly timestamp: number;
  readonly type: string;
  readonly details: string | null;
}

/** The histories of all executions. */
export class EventTable {
  readonly #insert: StatementSync;
  readonly #last: RowQuery<{ last: number | null }>;
  readonly #forward: RowQuery<EventRow>;
  readonly #backward: RowQuery<EventRow>;
  readonly #changes: RowQuery<EventRow>;

  constructor(database: DatabaseSync) {
    this.#insert = database.prepare('insert into events values (?, ?, ?, ?, ?, ?)');
    this.#last = new RowQuery(database, 'select max(id) as last from events where execution = ?');
    this.#forward = new RowQuery(
      database,
      'select * from events where execution = ? and id > ? order by id limit ?',
    );
    this.#backward = new RowQuery(
      database,
      'select * from events where execution = ? and id < ? order by id desc limit ?',
    );
    this.#changes = new RowQuery(
      database,
      `select * from events where execution = ? and timestamp <= ? and type like 'Execution%' order by id`,
    );
  }

  /** Adds an event. Its id must be the number of events so far plus 1. */
  insert(execution: number, event: EventRow): void {
    this.#insert.run(execution, event.id, event.previous_id, event.timestamp, event.type, event.details);
  }

  /** Returns the number of events in a history. */
  count(execution: number): number {
    return this.#last.get(execution).last ?? 0;
  }

  /** Returns the events until a moment that started, ended or redrove the execution. */
  changesUntil(execution: number, moment: number): EventRow[] {
    return this.#changes.all(execution, moment);
  }

  /** Returns a page of the events after `after`, oldest first, or of those before it, newest first. */
  page(execution: number, after: number, limit: number, newestFirst: boolean): EventRow[] {
    return (newestFirst ? this.#backward : this.#forward).all(execution, after, limit);
  }
}
