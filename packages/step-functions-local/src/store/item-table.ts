import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { RedriveLimits } from '../limits.ts';
import { RowQuery } from './row-query.ts';

/** The status of an item of a Map Run. `PENDING_REDRIVE` items wait for the redrive of their child. */
export type ItemStatus =
  | 'PENDING'
  | 'PENDING_REDRIVE'
  | 'RUNNING'
  | 'SUCCEEDED'
  | 'FAILED'
  | 'TIMED_OUT'
  | 'ABORTED';

/** An item: the input of one child execution. */
export interface ItemRow {
  readonly item_index: number;
  readonly status: ItemStatus;
  readonly input: string;
  /** The child execution, or null before it is started. */
  readonly execution: number | null;
}

/** The items of the Map Runs. They are on disk, because a Map Run can have a hundred million. */
export class ItemTable {
  readonly #insert: StatementSync;
  readonly #next: RowQuery<ItemRow>;
  readonly #set: StatementSync;
  readonly #counts: RowQuery<{ status: ItemStatus; count: number }>;
  readonly #page: RowQuery<ItemRow>;
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#insert = database.prepare(`insert into map_items values (?, ?, 'PENDING', ?, null)`);
    this.#next = new RowQuery(
      database,
      'select * from map_items indexed by map_items_by_status where map_run = ? and status = ? order by item_index limit 1',
    );
    this.#set = database.prepare(
      'update map_items set status = ?, execution = ? where map_run = ? and item_index = ?',
    );
    this.#counts = new RowQuery(
      database,
      'select status, count(*) as count from map_items where map_run = ? group by status',
    );
    this.#page = new RowQuery(
      database,
      'select * from map_items indexed by map_items_by_status where map_run = ? and status = ? and item_index > ? order by item_index limit ?',
    );
  }

  insert(mapRun: number, index: number, input: string): void {
    this.#insert.run(mapRun, index, input);
  }

  /** Returns the next item to start: first those to redrive, then those that never started. */
  next(mapRun: number): ItemRow | undefined {
    return this.#next.find(mapRun, 'PENDING_REDRIVE') ?? this.#next.find(mapRun, 'PENDING');
  }

  set(mapRun: number, index: number, status: ItemStatus, execution: number | null): void {
    this.#set.run(status, execution, mapRun, index);
  }

  counts(mapRun: number): Readonly<Partial<Record<ItemStatus, number>>> {
    return Object.fromEntries(this.#counts.all(mapRun).map(({ status, count }) => [status, count]));
  }

  /** Counts failed items that cannot be redriven: the child's history is too long, or it started or ended too long ago. */
  countNotRedrivable(mapRun: number, now: number): number {
    const query = new RowQuery<{ count: number }>(
      this.#database,
      `select count(*) as count from map_items join executions on executions.id = map_items.execution
         where map_items.map_run = ? and map_items.status in ('FAILED', 'TIMED_OUT', 'ABORTED')
         and (executions.event_count >= ? or executions.stop_date < ? or executions.start_date <= ?)`,
    );
    return query.get(
      mapRun,
      RedriveLimits.historyEvents,
      now - RedriveLimits.periodMillis,
      now - RedriveLimits.durationMillis,
    ).count;
  }

  /** Whether any item has a child execution. Before that, a redrive reads the items again. */
  anyStarted(mapRun: number): boolean {
    const started = 'select 1 from map_items where map_run = ? and execution is not null limit 1';
    return this.#database.prepare(started).get(mapRun) !== undefined;
  }

  /** Returns a page of the items with a status, after an index. */
  page(mapRun: number, status: ItemStatus, after: number, limit: number): ItemRow[] {
    return this.#page.all(mapRun, status, after, limit);
  }

  /** Deletes the items of a Map Run that reads them again. */
  clear(mapRun: number): void {
    this.#database.prepare('delete from map_items where map_run = ?').run(mapRun);
  }

  /** Restores the status of items whose redrive did not start: that of their child executions. */
  restorePendingRedrives(mapRun?: number): void {
    this.#database
      .prepare(
        `update map_items set status = (select status from executions where id = map_items.execution)
         where status = 'PENDING_REDRIVE' and (?1 is null or map_run = ?1)`,
      )
      .run(mapRun ?? null);
  }

  /** Marks items that were running when the engine stopped as ABORTED. */
  abortUnfinished(): void {
    this.#database.exec(`update map_items set status = 'ABORTED' where status = 'RUNNING'`);
  }
}
