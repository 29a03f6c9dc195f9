import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { RowQuery } from './row-query.ts';

/** @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html (read 2026-11-22) */
export type ExecutionStatus =
  | 'RUNNING'
  | 'SUCCEEDED'
  | 'FAILED'
  | 'TIMED_OUT'
  | 'ABORTED'
  | 'PENDING_REDRIVE';

/** An execution of the machine or of a Map Run. Dates are milliseconds since 1970. */
export interface ExecutionRow {
  readonly id: number;
  readonly arn: string;
  readonly name: string;
  readonly state_machine_arn: string;
  /** Null for child executions: they use the definition of their parent. */
  readonly definition: number | null;
  readonly map_run: number | null;
  readonly item_index: number | null;
  readonly status: ExecutionStatus;
  readonly input: string;
  readonly output: string | null;
  readonly error: string | null;
  readonly cause: string | null;
  readonly start_date: number;
  readonly stop_date: number | null;
  readonly redrive_count: number;
  readonly redrive_date: number | null;
  readonly redrive_token: string | null;
  /** The number of events in its history when it last ended. */
  readonly event_count: number;
}

/** The columns of a new execution. */
export type NewExecution = Pick<
  ExecutionRow,
  'arn' | 'name' | 'state_machine_arn' | 'definition' | 'map_run' | 'item_index' | 'input' | 'start_date'
>;

/** How an execution ended. */
export interface ExecutionEnd {
  readonly status: Exclude<ExecutionStatus, 'RUNNING' | 'PENDING_REDRIVE'>;
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
}

/** The executions: of the machine, newest first, or of one Map Run, oldest first. */
export class ExecutionTable {
  readonly #insert: RowQuery<ExecutionRow>;
  readonly #byArn: RowQuery<ExecutionRow>;
  readonly #byId: RowQuery<ExecutionRow>;
  readonly #end: StatementSync;
  readonly #redrive: RowQuery<ExecutionRow>;
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#insert = new RowQuery(
      database,
      `insert into executions (arn, name, state_machine_arn, definition, map_run, item_index, status, input, start_date)
       values (?, ?, ?, ?, ?, ?, 'RUNNING', ?, ?) returning *`,
    );
    this.#byArn = new RowQuery(database, 'select * from executions where arn = ?');
    this.#byId = new RowQuery(database, 'select * from executions where id = ?');
    this.#end = database.prepare(
      'update executions set status = ?, output = ?, error = ?, cause = ?, stop_date = ?, event_count = ? where id = ?',
    );
    this.#redrive = new RowQuery(
      database,
      `update executions set status = 'RUNNING', output = null, error = null, cause = null, stop_date = null,
       redrive_count = redrive_count + 1, redrive_date = ?, redrive_token = ? where id = ? returning *`,
    );
  }

  insert(row: NewExecution): ExecutionRow {
    const { arn, name, state_machine_arn, definition, map_run, item_index, input, start_date } = row;
    return this.#insert.get(arn, name, state_machine_arn, definition, map_run, item_index, input, start_date);
  }

  find(arn: string): ExecutionRow | undefined {
    return this.#byArn.find(arn);
  }

  get(id: number): ExecutionRow {
    return this.#byId.get(id);
  }

  end(id: number, end: ExecutionEnd, at: number, events: number): void {
    this.#end.run(end.status, end.output ?? null, end.error ?? null, end.cause ?? null, at, events, id);
  }

  redrive(id: number, at: number, token: string | null): ExecutionRow {
    return this.#redrive.get(at, token, id);
  }

  /** Marks a child that waits for its redrive. */
  markPendingRedrive(id: number): void {
    this.#database.prepare(`update executions set status = 'PENDING_REDRIVE' where id = ?`).run(id);
  }

  /** Restores the status of children whose redrive did not start. Their last event shows which it was. */
  restorePendingRedrives(mapRun?: number): void {
    this.#database
      .prepare(
        `update executions set status = case
           (select type from events where execution = executions.id order by id desc limit 1)
           when 'ExecutionTimedOut' then 'TIMED_OUT' when 'ExecutionAborted' then 'ABORTED' else 'FAILED' end
         where status = 'PENDING_REDRIVE' and (?1 is null or map_run = ?1)`,
      )
      .run(mapRun ?? null);
  }

  /** Returns the executions that were running when the engine last stopped. */
  unfinished(): ExecutionRow[] {
    return new RowQuery<ExecutionRow>(
      this.#database,
      `select * from executions where status = 'RUNNING'`,
    ).all();
  }

  list(
    filter: { mapRun: number | null; status?: string; redriven?: boolean },
    limit: number,
    offset: number,
  ): ExecutionRow[] {
    const query = new RowQuery<ExecutionRow>(
      this.#database,
      `select * from executions where map_run is ? and (? is null or status = ?)
         and (? is null or (redrive_count > 0) = ?)
         order by ${filter.mapRun === null ? 'start_date desc, id desc' : 'id'} limit ? offset ?`,
    );
    return query.all(
      filter.mapRun,
      filter.status ?? null,
      filter.status ?? null,
      filter.redriven === undefined ? null : 1,
      filter.redriven ? 1 : 0,
      limit,
      offset,
    );
  }

  /** Deletes executions of the machine that ended before a moment, with everything that belongs to them. */
  forgetEndedBefore(moment: number): void {
    this.#database
      .prepare(
        `delete from executions where stop_date < ?1 and (map_run is null or map_run in
         (select map_runs.id from map_runs join executions parent on parent.id = map_runs.execution where parent.stop_date < ?1))`,
      )
      .run(moment);
  }
}
