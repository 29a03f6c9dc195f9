import { randomUUID } from 'node:crypto';
import type { StorageError } from 'local-storage/storage';
import { checkExecutionName, executionArn } from './arns.ts';
import { type Definition, loadDefinition } from './definition/load.ts';
import { Aborted, ApiError } from './errors.ts';
import { createExecution, ENGINE_STOPPED, execute, redriveExecution } from './interpreter/execution.ts';
import type { Run } from './interpreter/frame.ts';
import { redriveObstacle } from './interpreter/redrive-obstacle.ts';
import { utf8Bytes } from './json.ts';
import { Quotas, SECOND } from './limits.ts';
import type { Machine } from './machine.ts';
import { tolerance } from './map-run/tolerance.ts';
import { endUnfinished } from './recovery.ts';
import type { ExecutionEnd, ExecutionRow } from './store/execution-table.ts';

/** What the engine is given; the registry of what runs is `Executions` itself. */
type Parts = Omit<Machine, 'stoppable' | 'ended' | 'diskFailed' | 'shown'>;

/** Starts, stops and redrives executions, and knows which of them run. */
export class Executions {
  readonly machine: Machine;
  readonly #running = new Map<string, AbortController>();
  readonly #ends = new Map<string, Promise<ExecutionEnd>>();
  readonly #closing = new AbortController();
  /** Why nothing can be written down; what was under way then is told to stop by `#cut`. */
  #problem: StorageError | undefined;
  #cut = new AbortController();

  constructor(parts: Parts) {
    this.machine = {
      ...parts,
      stoppable: (arn, outer) => this.#stoppable(arn, outer),
      ended: (arn) => void this.#running.delete(arn),
      diskFailed: (error) => this.#diskFailed(error),
      shown: (execution) => this.#shown(execution),
    };
  }

  /**
   * Starts an execution of the machine.
   *
   * The same name and input as one that is RUNNING is that one; any other use of a name is refused.
   *
   * @throws {ApiError}
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

  /** Stops an execution, or a child of a Map Run; one that is over stays as it is. Returns when it stopped, in ms. */
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
    this.#running.get(arn)?.abort(new Aborted('stop', 0, { error, cause }));
    await this.#ends.get(arn);
    return store.executions.get(execution.id).stop_date ?? clock.now();
  }

  /**
   * Continues an execution that did not succeed, where it failed.
   *
   * @throws {ApiError} `ExecutionNotRedrivable`, with the reason
   * @see https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html (read 2026-11-22)
   */
  async redriveExecution({ arn, clientToken }: { arn: string; clientToken?: string }): Promise<ExecutionRow> {
    const { machine } = this;
    const before = this.#find(arn);
    if (clientToken !== undefined && before.redrive_token === clientToken) return before;
    await this.#settled(arn, before);
    this.#closing.signal.throwIfAborted();
    if (this.#problem !== undefined) await Promise.all(this.#ends.values());
    this.#recover();
    const execution = machine.store.executions.get(before.id);
    const obstacle =
      execution.map_run === null
        ? redriveObstacle(execution, machine.clock.now())
        : 'Execution is a child workflow execution: redrive its parent';
    if (obstacle !== undefined) throw new ApiError('ExecutionNotRedrivable', `${obstacle}: '${arn}'`);
    const definition = this.#definitionOf(execution);
    const run = redriveExecution(machine, execution.id, clientToken ?? null);
    this.#execute(run, definition);
    return run.execution;
  }

  /** Changes a Map Run while it runs. */
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
      throw new ApiError('ValidationException', `Map Run is ${mapRun.status}: '${change.arn}'`);
    const percentage =
      change.toleratedPercentage ??
      (/percentage|both/.test(mapRun.tolerance) ? mapRun.tolerated_percentage : undefined);
    const count =
      change.toleratedCount ?? (/count|both/.test(mapRun.tolerance) ? mapRun.tolerated_count : undefined);
    const max_concurrency = change.maxConcurrency ?? mapRun.max_concurrency;
    store.mapRuns.update(mapRun.id, { max_concurrency, ...tolerance(percentage, count) });
    openMapRuns.get(mapRun.id)?.settingsChanged();
  }

  /** The execution once it is over. */
  async waitFor(arn: string): Promise<ExecutionRow> {
    await this.#ends.get(arn);
    return this.#shown(this.#find(arn));
  }

  /** Ends what is RUNNING as ABORTED. */
  async close(): Promise<void> {
    this.#closing.abort(new Aborted('close', 0, { cause: ENGINE_STOPPED }));
    await Promise.all(this.#ends.values());
  }

  #diskFailed(error: unknown): StorageError | undefined {
    const problem = this.machine.store.diskProblem(error);
    if (problem === undefined) return undefined;
    this.#problem ??= problem;
    this.#cut.abort(new Aborted('close', 0, { cause: problem.message }));
    return problem;
  }

  /**
   * Writes down the end of what a full disk has cut off, as the next start does after a kill.
   *
   * @throws {StorageError} while there is no room
   */
  #recover(): void {
    if (this.#problem === undefined) return;
    if (this.#ends.size > 0) throw this.#problem;
    endUnfinished(this.machine, this.#problem.message);
    this.#problem = undefined;
    this.#cut = new AbortController();
  }

  #shown(execution: ExecutionRow): ExecutionRow {
    if (this.#problem === undefined || execution.status !== 'RUNNING') return execution;
    const { message } = this.#problem;
    return { ...execution, status: 'ABORTED', cause: message, stop_date: this.machine.clock.now() };
  }

  /** An execution that has been told to stop may still be ending its children: a redrive waits for that. */
  async #settled(arn: string, execution: ExecutionRow): Promise<void> {
    if (execution.status !== 'RUNNING') await this.#ends.get(arn);
  }

  #execute(run: Run, definition: Definition): void {
    const { arn } = run.execution;
    const { clock } = this.machine;
    const timer = new AbortController();
    const signal = this.#stoppable(arn, AbortSignal.any([this.#closing.signal, this.#cut.signal]));
    if (definition.timeoutSeconds !== undefined) {
      clock.sleep(definition.timeoutSeconds * SECOND, timer.signal).then(
        () => this.#running.get(arn)?.abort(new Aborted('timeout')),
        () => undefined, // it ended in time
      );
    }
    const end = execute(run, { graph: definition.graph, signal }).finally(() => {
      timer.abort();
      this.#running.delete(arn);
      this.#ends.delete(arn);
    });
    this.#ends.set(arn, end);
  }

  /** The definition that an execution was started with. */
  #definitionOf({ definition }: ExecutionRow): Definition {
    const { store, definition: current } = this.machine;
    const text = definition === null ? current.text : store.definitions.text(definition);
    return text === current.text ? current : loadDefinition(text);
  }

  #stoppable(arn: string, outer: AbortSignal): AbortSignal {
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
      `Invalid State Machine Execution Input: ${utf8Bytes(input)} bytes exceed ${Quotas.payloadBytes}`,
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
