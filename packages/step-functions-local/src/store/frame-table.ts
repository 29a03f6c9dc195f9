import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { RowQuery } from './row-query.ts';

/** The progress of a running graph. `path` is '' for the machine, plus `/<index>` per branch or iteration inside. */
export interface FrameRow {
  readonly path: string;
  readonly status: 'PENDING' | 'RUNNING' | 'SUCCEEDED';
  /** The current state, or the one that is entered next. */
  readonly state: string;
  readonly input: string;
  /** The variables of its own scope as JSON. */
  readonly variables: string;
  /** The event that entered the state, or 0 before that. */
  readonly entered_event: number;
  /** The Map Run of the current state, if that is a Distributed Map. */
  readonly map_run: number | null;
  readonly output: string | null;
}

/** The frames of executions that are running or that a redrive may continue. */
export class FrameTable {
  readonly #put: StatementSync;
  readonly #find: RowQuery<FrameRow>;
  readonly #inside: RowQuery<FrameRow>;
  readonly #removeInside: StatementSync;
  readonly #enter: StatementSync;
  readonly #start: StatementSync;
  readonly #mapRun: StatementSync;
  readonly #advance: StatementSync;
  readonly #finish: StatementSync;
  readonly #removeAll: StatementSync;

  constructor(database: DatabaseSync) {
    const prepare = (sql: string) => database.prepare(sql);
    this.#put = prepare(`insert or replace into frames values (?, ?, 'PENDING', ?, ?, '{}', 0, null, null)`);
    this.#find = new RowQuery(database, 'select * from frames where execution = ? and path = ?');
    this.#inside = new RowQuery(
      database,
      'select * from frames where execution = ? and path > ? and path < ? and path not glob ?',
    );
    this.#removeInside = prepare('delete from frames where execution = ? and path > ? and path < ?');
    this.#enter = prepare('update frames set entered_event = ? where execution = ? and path = ?');
    this.#start = prepare(`update frames set status = 'RUNNING' where execution = ? and path = ?`);
    this.#mapRun = prepare('update frames set map_run = ? where execution = ? and path = ?');
    this.#advance = prepare(
      'update frames set state = ?, input = ?, variables = ?, entered_event = 0, map_run = null where execution = ? and path = ?',
    );
    this.#removeAll = prepare('delete from frames where execution = ?');
    this.#finish = prepare(
      `update frames set status = 'SUCCEEDED', output = ?, variables = '{}', input = 'null' where execution = ? and path = ?`,
    );
  }

  /** Deletes all frames of an execution that has succeeded. */
  removeAll(execution: number): void {
    this.#removeAll.run(execution);
  }

  /** Adds a frame that has not started. */
  insert(execution: number, path: string, startAt: string, input: string): void {
    this.#put.run(execution, path, startAt, input);
  }

  find(execution: number, path: string): FrameRow | undefined {
    return this.#find.find(execution, path);
  }

  /** Returns the frames directly inside a frame, in the order of their indexes. */
  inside(execution: number, path: string): FrameRow[] {
    const [from, to] = range(path);
    const rows = this.#inside.all(execution, from, to, `${path}/*/*`);
    return rows.toSorted((a, b) => frameIndex(a.path) - frameIndex(b.path));
  }

  /** Deletes all frames inside a frame: its Map or Parallel state has ended or starts again. */
  removeInside(execution: number, path: string): void {
    this.#removeInside.run(execution, ...range(path));
  }

  start(execution: number, path: string): void {
    this.#start.run(execution, path);
  }

  enter(execution: number, path: string, event: number): void {
    this.#enter.run(event, execution, path);
  }

  setMapRun(execution: number, path: string, mapRun: number | null): void {
    this.#mapRun.run(mapRun, execution, path);
  }

  /** Makes another state the current one. */
  advance(execution: number, path: string, next: { state: string; input: string; variables: string }): void {
    this.#advance.run(next.state, next.input, next.variables, execution, path);
  }

  /** Stores the output after the last state. */
  finish(execution: number, path: string, output: string): void {
    this.#finish.run(output, execution, path);
  }
}

/** Returns the index of a branch or iteration. */
export function frameIndex(path: string): number {
  return Number(path.slice(path.lastIndexOf('/') + 1));
}

/** The range of all paths inside a path: `0` is the character after `/`. */
const range = (path: string) => [`${path}/`, `${path}0`] as const;
