import { randomUUID } from 'node:crypto';
import { childExecutionArn, childStateMachineArn } from '../arns.ts';
import type { Graph } from '../definition/schema.ts';
import { AbortedError } from '../errors.ts';
import type { Interpreter, Run } from '../interpreter/frame.ts';
import { Quotas } from '../limits.ts';
import type { Machine } from '../machine.ts';
import type { ExecutionEnd } from '../store/execution-table.ts';
import type { ItemRow } from '../store/item-table.ts';
import type { MapRunRow } from '../store/map-run-table.ts';
import { DispatchRate } from './dispatch-rate.ts';
import { exceedsTolerance } from './tolerance.ts';

/** The reason that stops the children of a Map Run whose failures exceed its threshold. */
const tooManyFailures = new AbortedError('stop', 0, {
  cause: 'The Map Run was stopped: its tolerated failure threshold was exceeded.',
});

/**
 * Converts the reason that stops a Map Run into one for its children. They were canceled: they did not time out
 * themselves, and no sibling in their own history failed.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/redrive-map-run.html (read 2026-11-22)
 */
function toChildReason(reason: AbortedError): AbortedError {
  return reason.by === 'timeout' || reason.by === 'sibling' ? new AbortedError('stop') : reason;
}

/** Starts the child executions of a Map Run, within its concurrency and the dispatch rate, until all have ended. */
export class Dispatcher {
  readonly #machine: Machine;
  readonly #interpreter: Interpreter;
  readonly #mapRun: number;
  readonly #graph: Graph;
  readonly #signal: AbortSignal;
  readonly #stop = new AbortController();
  readonly #rate: DispatchRate;
  readonly #children = new Set<Promise<void>>();
  #failed: number;
  readonly #total: number;
  #settings: MapRunRow;
  #wake: () => void = () => undefined;

  /** @param run the execution that the Map state belongs to */
  constructor({ machine, interpreter }: Run, mapRun: number, graph: Graph, signal: AbortSignal) {
    this.#machine = machine;
    this.#interpreter = interpreter;
    this.#mapRun = mapRun;
    this.#graph = graph;
    this.#signal = AbortSignal.any([signal, this.#stop.signal]);
    this.#rate = new DispatchRate(machine.clock, Quotas.mapRunDispatchPerSecond);
    this.#settings = machine.store.mapRuns.get(mapRun);
    const counts = machine.store.items.counts(mapRun);
    this.#failed = (counts.FAILED ?? 0) + (counts.TIMED_OUT ?? 0) + (counts.ABORTED ?? 0);
    this.#total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  }

  /** UpdateMapRun calls this when it has changed the concurrency or the tolerated failures. */
  settingsChanged(): void {
    this.#settings = this.#machine.store.mapRuns.get(this.#mapRun);
    this.#wake();
  }

  /**
   * Runs all children. Those whose redrive did not start keep their previous status.
   *
   * @returns false when the failures exceed the threshold
   * @throws {AbortedError} when the Map Run itself is stopped, after all children have ended
   */
  async run(): Promise<boolean> {
    this.#machine.openMapRuns.set(this.#mapRun, this);
    const stopped = () => {
      this.#stop.abort(toChildReason(this.#signal.reason as AbortedError));
      this.#wake();
    };
    this.#signal.addEventListener('abort', stopped);
    try {
      return await this.#dispatch();
    } catch (error) {
      // After any error, such as a full disk, no child may outlive its Map Run.
      this.#stop.abort(new AbortedError('stop'));
      throw error;
    } finally {
      this.#signal.removeEventListener('abort', stopped);
      this.#machine.openMapRuns.delete(this.#mapRun);
      await Promise.all(this.#children);
      this.#machine.store.restorePendingRedrives(this.#mapRun);
    }
  }

  async #dispatch(): Promise<boolean> {
    for (;;) {
      if (exceedsTolerance(this.#settings, this.#failed, this.#total)) {
        this.#stop.abort(tooManyFailures);
        return false;
      }
      this.#signal.throwIfAborted();
      const item =
        this.#children.size < this.#limit ? this.#machine.store.items.next(this.#mapRun) : undefined;
      if (item) {
        await this.#rate.waitForTurn(this.#signal);
        this.#start(item);
      } else if (this.#children.size === 0) {
        return true;
      } else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }

  get #limit(): number {
    return Math.min(this.#settings.max_concurrency || Quotas.mapRunConcurrency, Quotas.mapRunConcurrency);
  }

  #start(item: ItemRow): void {
    const run = this.#machine.store.transaction(() => this.#writeStart(item));
    const onEnd = (end: ExecutionEnd) => {
      this.#machine.store.items.set(this.#mapRun, item.item_index, end.status, run.execution.id);
      if (end.status !== 'SUCCEEDED') this.#failed += 1;
    };
    const signal = this.#machine.registerExecution(run.execution.arn, this.#stop.signal);
    const child = this.#interpreter.execute(run, { graph: this.#graph, signal, onEnd }).then(() => {
      this.#machine.unregisterExecution(run.execution.arn);
      this.#children.delete(child);
      this.#wake();
    });
    this.#children.add(child);
  }

  #writeStart(item: ItemRow): Run {
    const run =
      item.execution === null
        ? this.#create(item)
        : this.#interpreter.redriveExecution(this.#machine, item.execution, null);
    this.#machine.store.items.set(this.#mapRun, item.item_index, 'RUNNING', run.execution.id);
    return run;
  }

  #create({ item_index, input }: ItemRow): Run {
    const { address, clock } = this.#machine;
    const name = randomUUID();
    const row = {
      arn: childExecutionArn(address, this.#settings.label, name),
      name,
      state_machine_arn: childStateMachineArn(address, this.#settings.label),
      definition: null,
      map_run: this.#mapRun,
      item_index,
      input,
      start_date: clock.now(),
    };
    return this.#interpreter.createExecution(this.#machine, row, this.#graph);
  }
}
