import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { RedriveLimits } from '../limits.ts';

/** Where an item of a Map Run stands; `PENDING_REDRIVE` waits for its turn to be redriven. */
export type ItemStatus =
  | 'PENDING'
  | 'PENDING_REDRIVE'
  | 'RUNNING'
  | 'SUCCEEDED'
  | 'FAILED'
  | 'TIMED_OUT'
  | 'ABORTED';

/** One item: the input of one child execution. */
export interface ItemRow {
  readonly item_index: number;
  readonly status: ItemStatus;
  readonly input: string;
  /** The child execution, once it was started. */
  readonly execution: number | null;
}

/** The items of the Map Runs: on disk, because there may be a hundred million. */
export class ItemTable {
  readonly #insert: StatementSync;
  readonly #next: StatementSync;
  readonly #set: StatementSync;
  readonly #counts: StatementSync;
  readonly #page: StatementSync;
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#insert = database.prepare(`insert into map_items values (?, ?, 'PENDING', ?, null)`);
    this.#next = database.prepare(
      'select * from map_items indexed by map_items_by_status where map_run = ? and status = ? order by item_index limit 1',
    );
    this.#set = database.prepare(
      'update map_items set status = ?, execution = ? where map_run = ? and item_index = ?',
    );
    this.#counts = database.prepare(
      'select status, count(*) as count from map_items where map_run = ? group by status',
    );
    this.#page = database.prepare(
      'select * from map_items indexed by map_items_by_status where map_run = ? and status = ? and item_index > ? order by item_index limit ?',
    );
  }

  insert(mapRun: number, index: number, input: string): void {
    this.#insert.run(mapRun, index, input);
  }

  /** The first item that waits for a child execution: those to be redriven before those never started. */
  next(mapRun: number): ItemRow | undefined {
    return (this.#next.get(mapRun, 'PENDING_REDRIVE') ?? this.#next.get(mapRun, 'PENDING')) as never;
  }

  set(mapRun: number, index: number, status: ItemStatus, execution: number | null): void {
    this.#set.run(status, execution, mapRun, index);
  }

  counts(mapRun: number): Readonly<Partial<Record<ItemStatus, number>>> {
    const rows = this.#counts.all(mapRun) as unknown as { status: ItemStatus; count: number }[];
    return Object.fromEntries(rows.map(({ status, count }) => [status, count]));
  }

  /** Failed items whose child execution no redrive continues: its history is too long, or its end or start too long ago. */
  countNotRedrivable(mapRun: number, now: number): number {
    const row = this.#database
      .prepare(
        `select count(*) as count from map_items join executions on executions.id = map_items.execution
         where map_items.map_run = ? and map_items.status in ('FAILED', 'TIMED_OUT', 'ABORTED')
         and (executions.event_count >= ? or executions.stop_date < ? or executions.start_date <= ?)`,
      )
      .get(
        mapRun,
        RedriveLimits.historyEvents,
        now - RedriveLimits.periodMillis,
        now - RedriveLimits.durationMillis,
      );
    return (row as { count: number }).count;
  }

  /** Whether any item has a child execution: until then a redrive reads the items again. */
  anyStarted(mapRun: number): boolean {
    const started = 'select 1 from map_items where map_run = ? and execution is not null limit 1';
    return this.#database.prepare(started).get(mapRun) !== undefined;
  }

  /** A page of items of one status, after an index. */
  page(mapRun: number, status: ItemStatus, after: number, limit: number): ItemRow[] {
    return this.#page.all(mapRun, status, after, limit) as never;
  }

  /** Forgets the items of a Map Run that is to read them again. */
  clear(mapRun: number): void {
    this.#database.prepare('delete from map_items where map_run = ?').run(mapRun);
  }

  /** Items whose turn to be redriven did not come stand again where their children do. */
  restorePendingRedrives(mapRun?: number): void {
    this.#database
      .prepare(
        `update map_items set status = (select status from executions where id = map_items.execution)
         where status = 'PENDING_REDRIVE' and (?1 is null or map_run = ?1)`,
      )
      .run(mapRun ?? null);
  }

  /** What was under way when the engine stopped is aborted. */
  abortUnfinished(): void {
    this.#database.exec(`update map_items set status = 'ABORTED' where status = 'RUNNING'`);
  }
}
