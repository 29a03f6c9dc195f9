import { randomUUID } from 'node:crypto';
import type { StorageError } from 'local-storage/storage';
import { checkExecutionName, executionArn } from './arns.ts';
import { type Definition, loadDefinition } from './definition/load.ts';
import { AbortedError, ApiError } from './errors.ts';
import { createExecution, engineStopped, execute, redriveExecution } from './interpreter/execution.ts';
import type { Run } from './interpreter/frame.ts';
import { findRedriveObstacle } from './interpreter/redrive-obstacle.ts';
import { utf8Bytes } from './json.ts';
import { millisPerSecond, Quotas } from './limits.ts';
import type { Machine } from './machine.ts';
import { chooseTolerance } from './map-run/tolerance.ts';
import { endUnfinished } from './recovery.ts';
import type { ExecutionEnd, ExecutionRow } from './store/execution-table.ts';

/** The parts of the machine that `createEngine` provides. `Executions` adds the others. */
type Parts = Omit<
  Machine,
  'registerExecution' | 'unregisterExecution' | 'stopOnDiskProblem' | 'showExecution'
>;

/** Starts, stops and redrives executions, and keeps track of those that are running. */
export class Executions {
  readonly machine: Machine;
  readonly #running = new Map<string, AbortController>();
  readonly #ends = new Map<string, Promise<ExecutionEnd>>();
  readonly #closing = new AbortController();
  /** Set while the disk accepts no writes. `#diskFailure` then stops all running executions. */
  #problem: StorageError | undefined;
  #diskFailure = new AbortController();

  constructor(parts: Parts) {
    this.machine = {
      ...parts,
      registerExecution: (arn, outer) => this.#registerExecution(arn, outer),
      unregisterExecution: (arn) => void this.#running.delete(arn),
      stopOnDiskProblem: (error) => this.#stopOnDiskProblem(error),
      showExecution: (execution) => this.#showExecution(execution),
    };
  }

  /**
   * Starts an execution of the machine.
   *
   * Returns the running execution when it has the same name and input. Refuses a name that is taken otherwise.
   *
   * @throws {ApiError} `ExecutionAlreadyExists`, `InvalidName` or `InvalidExecutionInput`
   * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html (read 2026-11-22)
   */
  startExecution({ name = randomUUID(), input = '{}' }: { name?: string; input?: string }): ExecutionRow {
    const { store, address, clock, definition } = this.machine;
    checkExecutionName(name);
    checkInput(input);
    this.#recover();
    const arn = executionArn(address, name);
    const known = store.executions.find(arn);
    if (known?.status === 'RUNNING' && known.input === input) return known;
    if (known) throw new ApiError('ExecutionAlreadyExists', `Execution Already Exists: '${arn}'`);
    const row = {
      arn,
      name,
      state_machine_arn: address.arn,
      definition: store.definitions.intern(definition.text),
      map_run: null,
      item_index: null,
      input,
      start_date: clock.now(),
    };
    const run = createExecution(this.machine, row, definition.graph);
    this.#execute(run, definition);
    return run.execution;
  }

  /** Stops an execution or a child execution, if it is running. Returns the time of its end in milliseconds since 1970. */
  async stopExecution({
    arn,
    error,
    cause,
  }: {
    arn: string;
    error?: string;
    cause?: string;
  }): Promise<number> {
    const { store, clock } = this.machine;
    const execution = this.#find(arn);
    this.#running.get(arn)?.abort(new AbortedError('stop', 0, { error, cause }));
    await this.#ends.get(arn);
    return store.executions.get(execution.id).stop_date ?? clock.now();
  }

  /**
   * Continues an execution that did not succeed, from the state that failed.
   *
   * @throws {ApiError} `ExecutionNotRedrivable`, with the reason
   * @see https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html (read 2026-11-22)
   */
  async redriveExecution({ arn, clientToken }: { arn: string; clientToken?: string }): Promise<ExecutionRow> {
    const { machine } = this;
    const before = this.#find(arn);
    if (clientToken !== undefined && before.redrive_token === clientToken) return before;
    await this.#waitUntilChildrenEnded(arn, before);
    this.#closing.signal.throwIfAborted();
    if (this.#problem !== undefined) await Promise.all(this.#ends.values());
    this.#recover();
    const execution = machine.store.executions.get(before.id);
    const obstacle =
      execution.map_run === null
        ? findRedriveObstacle(execution, machine.clock.now())
        : 'Execution is a child workflow execution: redrive its parent';
    if (obstacle !== undefined) throw new ApiError('ExecutionNotRedrivable', `${obstacle}: '${arn}'`);
    const definition = this.#loadDefinition(execution);
    const run = redriveExecution(machine, execution.id, clientToken ?? null);
    this.#execute(run, definition);
    return run.execution;
  }

  /** Changes the concurrency and the tolerated failures of a running Map Run. */
  updateMapRun(change: {
    arn: string;
    maxConcurrency?: number;
    toleratedPercentage?: number;
    toleratedCount?: number;
  }): void {
    const { store, openMapRuns } = this.machine;
    const mapRun = store.mapRuns.find(change.arn);
    if (!mapRun) throw new ApiError('ResourceNotFound', `Map Run not found: '${change.arn}'`);
    if (mapRun.status !== 'RUNNING')
      throw new ApiError(
        'ValidationException',
        `Map Run is ${mapRun.status} and cannot be updated: '${change.arn}'`,
      );
    const percentage =
      change.toleratedPercentage ??
      (/percentage|both/.test(mapRun.tolerance) ? mapRun.tolerated_percentage : undefined);
    const count =
      change.toleratedCount ?? (/count|both/.test(mapRun.tolerance) ? mapRun.tolerated_count : undefined);
    const max_concurrency = change.maxConcurrency ?? mapRun.max_concurrency;
    store.mapRuns.update(mapRun.id, { max_concurrency, ...chooseTolerance(percentage, count) });
    openMapRuns.get(mapRun.id)?.settingsChanged();
  }

  /** Resolves with the execution when it has ended. */
  async waitFor(arn: string): Promise<ExecutionRow> {
    await this.#ends.get(arn);
    return this.#showExecution(this.#find(arn));
  }

  /** Ends running executions as ABORTED. */
  async close(): Promise<void> {
    this.#closing.abort(new AbortedError('close', 0, { cause: engineStopped }));
    await Promise.all(this.#ends.values());
  }

  #stopOnDiskProblem(error: unknown): StorageError | undefined {
    const problem = this.machine.store.diskProblem(error);
    if (problem === undefined) return undefined;
    this.#problem ??= problem;
    this.#diskFailure.abort(new AbortedError('close', 0, { cause: problem.message }));
    return problem;
  }

  /**
   * Records the end of the executions that a full disk stopped, as the next start does after a kill.
   *
   * @throws {StorageError} while the disk is still full
   */
  #recover(): void {
    if (this.#problem === undefined) return;
    if (this.#ends.size > 0) throw this.#problem;
    endUnfinished(this.machine, this.#problem.message);
    this.#problem = undefined;
    this.#diskFailure = new AbortController();
  }

  #showExecution(execution: ExecutionRow): ExecutionRow {
    if (this.#problem === undefined || execution.status !== 'RUNNING') return execution;
    const { message } = this.#problem;
    return { ...execution, status: 'ABORTED', cause: message, stop_date: this.machine.clock.now() };
  }

  /** A stopped execution may still be ending its children. A redrive has to wait for them. */
  async #waitUntilChildrenEnded(arn: string, execution: ExecutionRow): Promise<void> {
    if (execution.status !== 'RUNNING') await this.#ends.get(arn);
  }

  #execute(run: Run, definition: Definition): void {
    const { arn } = run.execution;
    const { clock } = this.machine;
    const timer = new AbortController();
    const signal = this.#registerExecution(
      arn,
      AbortSignal.any([this.#closing.signal, this.#diskFailure.signal]),
    );
    if (definition.timeoutSeconds !== undefined) {
      clock.sleep(definition.timeoutSeconds * millisPerSecond, timer.signal).then(
        () => this.#running.get(arn)?.abort(new AbortedError('timeout')),
        () => undefined, // the execution ended in time
      );
    }
    const end = execute(run, { graph: definition.graph, signal }).finally(() => {
      timer.abort();
      this.#running.delete(arn);
      this.#ends.delete(arn);
    });
    this.#ends.set(arn, end);
  }

  /** Returns the definition that an execution was started with. */
  #loadDefinition({ definition }: ExecutionRow): Definition {
    const { store, definition: current } = this.machine;
    const text = definition === null ? current.text : store.definitions.text(definition);
    return text === current.text ? current : loadDefinition(text);
  }

  #registerExecution(arn: string, outer: AbortSignal): AbortSignal {
    const controller = new AbortController();
    this.#running.set(arn, controller);
    return AbortSignal.any([outer, controller.signal]);
  }

  #find(arn: string): ExecutionRow {
    const execution = this.machine.store.executions.find(arn);
    if (!execution) throw new ApiError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
    return execution;
  }
}

function checkInput(input: string): void {
  if (utf8Bytes(input) > Quotas.payloadBytes) {
    throw new ApiError(
      'InvalidExecutionInput',
      `Invalid State Machine Execution Input: it has ${utf8Bytes(input)} bytes, more than the limit of ${Quotas.payloadBytes}`,
    );
  }
  try {
    JSON.parse(input);
  } catch (error) {
    throw new ApiError(
      'InvalidExecutionInput',
      `Invalid State Machine Execution Input: '${(error as Error).message}'`,
    );
  }
}
