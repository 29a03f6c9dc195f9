import { ApiError } from './errors.ts';
import { findRedriveObstacle } from './interpreter/redrive-obstacle.ts';
import type { Machine } from './machine.ts';
import { replayExecution } from './replay-execution.ts';
import type { EventRow } from './store/event-table.ts';
import type { ExecutionRow } from './store/execution-table.ts';
import type { MapRunRow } from './store/map-run-table.ts';

/** Counts of the items of a Map Run. Each item has one child execution, so these are its counts too. */
export interface MapRunCounts {
  readonly pending: number;
  readonly running: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly timedOut: number;
  readonly aborted: number;
  readonly total: number;
  readonly resultsWritten: number;
  readonly failuresNotRedrivable: number;
  readonly pendingRedrive: number;
}

const doesNotExist = (arn: string): ApiError =>
  new ApiError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);

/** Reads the executions, histories and Map Runs of an engine. */
export class Queries {
  readonly #machine: Machine;
  readonly #describeLagMillis: number;

  /**
   * @param describeLagMillis milliseconds until `describeExecution` shows a start, an end or a redrive
   */
  constructor(machine: Machine, describeLagMillis = 0) {
    this.#machine = machine;
    this.#describeLagMillis = describeLagMillis;
  }

  /** @throws {ApiError} `ExecutionDoesNotExist` */
  execution(arn: string): ExecutionRow {
    const execution = this.#machine.store.executions.find(arn);
    if (!execution) throw doesNotExist(arn);
    return this.#machine.showExecution(execution);
  }

  /**
   * Returns the execution as DescribeExecution shows it: as it was `describeLagMillis` ago.
   *
   * @throws {ApiError} `ExecutionDoesNotExist`
   */
  describeExecution(arn: string): ExecutionRow {
    const execution = this.execution(arn);
    if (this.#describeLagMillis === 0) return execution;
    const { store, clock } = this.#machine;
    const known = store.events.changesUntil(execution.id, clock.now() - this.#describeLagMillis);
    const then = replayExecution(execution, known);
    if (!then) throw doesNotExist(arn);
    return then;
  }

  /** Returns why an execution cannot be redriven, or undefined when it can. */
  findRedriveObstacle(execution: ExecutionRow): string | undefined {
    return findRedriveObstacle(execution, this.#machine.clock.now());
  }

  /** Returns executions of the machine, newest first, or the children of a Map Run. */
  executions(
    filter: { mapRunArn?: string; status?: string; redriven?: boolean },
    limit: number,
    offset: number,
  ): ExecutionRow[] {
    const mapRun = filter.mapRunArn === undefined ? null : this.mapRun(filter.mapRunArn).id;
    const { executions } = this.#machine.store;
    return executions
      .list({ mapRun, status: filter.status, redriven: filter.redriven }, limit, offset)
      .map((execution) => this.#machine.showExecution(execution));
  }

  /** Returns a page of a history: the events after an id, or those before it when the newest come first. */
  events(arn: string, page: { limit: number; after?: number; newestFirst?: boolean }): EventRow[] {
    const { id } = this.execution(arn);
    const newestFirst = page.newestFirst ?? false;
    return this.#machine.store.events.page(
      id,
      page.after ?? (newestFirst ? Number.MAX_SAFE_INTEGER : 0),
      page.limit,
      newestFirst,
    );
  }

  /** Returns the whole history, for tests and small executions. */
  history(arn: string): EventRow[] {
    return this.events(arn, { limit: Number.MAX_SAFE_INTEGER });
  }

  mapRuns(executionArn: string, limit: number, offset: number): MapRunRow[] {
    return this.#machine.store.mapRuns.list(this.execution(executionArn).id, limit, offset);
  }

  /** @throws {ApiError} `ResourceNotFound` */
  mapRun(arn: string): MapRunRow {
    const mapRun = this.#machine.store.mapRuns.find(arn);
    if (!mapRun) throw new ApiError('ResourceNotFound', `Resource not found: '${arn}'`);
    return mapRun;
  }

  mapRunById(id: number): MapRunRow {
    return this.#machine.store.mapRuns.get(id);
  }

  executionById(id: number): ExecutionRow {
    return this.#machine.store.executions.get(id);
  }

  mapRunCounts(mapRun: MapRunRow): MapRunCounts {
    const counts = this.#machine.store.items.counts(mapRun.id);
    return {
      pending: counts.PENDING ?? 0,
      running: counts.RUNNING ?? 0,
      succeeded: counts.SUCCEEDED ?? 0,
      failed: counts.FAILED ?? 0,
      timedOut: counts.TIMED_OUT ?? 0,
      aborted: counts.ABORTED ?? 0,
      total: Object.values(counts).reduce((sum, count) => sum + count, 0),
      resultsWritten: mapRun.results_written,
      failuresNotRedrivable: this.#notRedrivable(mapRun),
      pendingRedrive: counts.PENDING_REDRIVE ?? 0,
    };
  }

  #notRedrivable(mapRun: MapRunRow): number {
    const { store, clock } = this.#machine;
    return store.items.countNotRedrivable(mapRun.id, clock.now());
  }
}
