import type { DatabaseSync, StatementSync } from 'node:sqlite';

/** Where a graph under way stands. `path` is '' for the machine, then `/<index>` for each branch or iteration. */
export interface FrameRow {
  readonly path: string;
  readonly status: 'PENDING' | 'RUNNING' | 'SUCCEEDED';
  /** The state it is in, or is about to enter. */
  readonly state: string;
  readonly input: string;
  /** Its own variables, without those of outer scopes. */
  readonly variables: string;
  /** The event that entered the state; 0 before it is entered. */
  readonly entered_event: number;
  /** The Map Run of the Distributed Map it is in. */
  readonly map_run: number | null;
  readonly output: string | null;
}

/** The frames of the executions that are not over, or that a redrive may continue. */
export class FrameTable {
  readonly #put: StatementSync;
  readonly #get: StatementSync;
  readonly #inside: StatementSync;
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
    this.#get = prepare('select * from frames where execution = ? and path = ?');
    this.#inside = prepare(
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

  /** Forgets where an execution stands: it is over for good. */
  removeAll(execution: number): void {
    this.#removeAll.run(execution);
  }

  /** A frame that has not begun. */
  insert(execution: number, path: string, startAt: string, input: string): void {
    this.#put.run(execution, path, startAt, input);
  }

  get(execution: number, path: string): FrameRow | undefined {
    return this.#get.get(execution, path) as never;
  }

  /** The frames directly inside one, by index. */
  inside(execution: number, path: string): FrameRow[] {
    const [from, to] = range(path);
    const rows = this.#inside.all(execution, from, to, `${path}/*/*`) as unknown as FrameRow[];
    return rows.toSorted((a, b) => frameIndex(a.path) - frameIndex(b.path));
  }

  /** Forgets all frames inside one: its Map or Parallel state is over, or begins anew. */
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

  /** On to the next state. */
  advance(execution: number, path: string, next: { state: string; input: string; variables: string }): void {
    this.#advance.run(next.state, next.input, next.variables, execution, path);
  }

  /** Its last state ended. */
  finish(execution: number, path: string, output: string): void {
    this.#finish.run(output, execution, path);
  }
}

/** The index of a branch or iteration in its state. */
export function frameIndex(path: string): number {
  return Number(path.slice(path.lastIndexOf('/') + 1));
}

/** All paths inside one: `0` is the character after `/`. */
const range = (path: string) => [`${path}/`, `${path}0`] as const;
