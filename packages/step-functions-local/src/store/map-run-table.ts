import type { DatabaseSync } from 'node:sqlite';
import { RowQuery } from './row-query.ts';

/** @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeMapRun.html (read 2026-11-22) */
export type MapRunStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'ABORTED';

/** A Map Run. */
export interface MapRunRow {
  readonly id: number;
  readonly arn: string;
  readonly execution: number;
  readonly label: string;
  readonly status: MapRunStatus;
  readonly start_date: number;
  readonly stop_date: number | null;
  readonly max_concurrency: number;
  readonly tolerated_percentage: number;
  readonly tolerated_count: number;
  /** Which thresholds apply. With `none`, no failure is tolerated. */
  readonly tolerance: 'percentage' | 'count' | 'both' | 'none';
  readonly results_written: number;
  readonly redrive_count: number;
  readonly redrive_date: number | null;
}

/** The columns of a new Map Run. */
export type NewMapRun = Pick<
  MapRunRow,
  | 'arn'
  | 'execution'
  | 'label'
  | 'start_date'
  | 'max_concurrency'
  | 'tolerated_percentage'
  | 'tolerated_count'
  | 'tolerance'
>;

/** The Map Runs of all executions. */
export class MapRunTable {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  insert(row: NewMapRun): MapRunRow {
    return this.#query(
      `insert into map_runs (arn, execution, label, status, start_date, max_concurrency, tolerated_percentage, tolerated_count, tolerance)
         values (?, ?, ?, 'RUNNING', ?, ?, ?, ?, ?) returning *`,
    ).get(
      row.arn,
      row.execution,
      row.label,
      row.start_date,
      row.max_concurrency,
      row.tolerated_percentage,
      row.tolerated_count,
      row.tolerance,
    );
  }

  get(id: number): MapRunRow {
    return this.#query('select * from map_runs where id = ?').get(id);
  }

  find(arn: string): MapRunRow | undefined {
    return this.#query('select * from map_runs where arn = ?').find(arn);
  }

  /** Returns the Map Runs of an execution, newest first. */
  list(execution: number, limit: number, offset: number): MapRunRow[] {
    return this.#query('select * from map_runs where execution = ? order by id desc limit ? offset ?').all(
      execution,
      limit,
      offset,
    );
  }

  update(
    id: number,
    change: Pick<MapRunRow, 'max_concurrency' | 'tolerated_percentage' | 'tolerated_count' | 'tolerance'>,
  ): void {
    this.#database
      .prepare(
        'update map_runs set max_concurrency = ?, tolerated_percentage = ?, tolerated_count = ?, tolerance = ? where id = ?',
      )
      .run(change.max_concurrency, change.tolerated_percentage, change.tolerated_count, change.tolerance, id);
  }

  setResultsWritten(id: number, count: number): void {
    this.#database.prepare('update map_runs set results_written = ? where id = ?').run(count, id);
  }

  end(id: number, status: MapRunStatus, at: number): void {
    this.#database.prepare('update map_runs set status = ?, stop_date = ? where id = ?').run(status, at, id);
  }

  redrive(id: number, at: number): MapRunRow {
    return this.#query(
      `update map_runs set status = 'RUNNING', stop_date = null, redrive_count = redrive_count + 1, redrive_date = ?
         where id = ? returning *`,
    ).get(at, id);
  }

  #query(sql: string): RowQuery<MapRunRow> {
    return new RowQuery(this.#database, sql);
  }

  /** Ends Map Runs that were running when the engine stopped as ABORTED. */
  abortUnfinished(at: number): void {
    this.#database
      .prepare(`update map_runs set status = 'ABORTED', stop_date = ? where status = 'RUNNING'`)
      .run(at);
  }
}
