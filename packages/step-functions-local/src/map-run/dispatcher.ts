import { randomUUID } from 'node:crypto';
import { childExecutionArn, childStateMachineArn } from '../arns.ts';
import type { Graph } from '../definition/schema.ts';
import { Aborted } from '../errors.ts';
import type { Interpreter, Run } from '../interpreter/frame.ts';
import { Quotas } from '../limits.ts';
import type { Machine } from '../machine.ts';
import type { ExecutionEnd } from '../store/execution-table.ts';
import type { ItemRow } from '../store/item-table.ts';
import type { MapRunRow } from '../store/map-run-table.ts';
import { DispatchRate } from './dispatch-rate.ts';
import { exceeded } from './tolerance.ts';

/** A Map Run whose failures exceed what is tolerated stops its children with this. */
const TOO_MANY_FAILURES = new Aborted('stop', 0, {
  cause: 'The Map Run was stopped: its tolerated failure threshold was exceeded.',
});

/**
 * What children are told when their Map Run is to stop: they are canceled, and did not time out themselves, nor did
 * a sibling in their own history fail.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/redrive-map-run.html (read 2026-11-22)
 */
function forChildren(reason: Aborted): Aborted {
  return reason.by === 'timeout' || reason.by === 'sibling' ? new Aborted('stop') : reason;
}

/** Starts the child executions of a Map Run as concurrency and dispatch rate allow, until none is left. */
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

  /** @param run of the state that is the Map Run's parent */
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

  /** UpdateMapRun changed concurrency or tolerance. */
  settingsChanged(): void {
    this.#settings = this.#machine.store.mapRuns.get(this.#mapRun);
    this.#wake();
  }

  /**
   * Runs all children. Those that wait for a redrive in vain keep the end that they had.
   *
   * @returns whether the failures stayed within what is tolerated
   * @throws {Aborted} when the Map Run itself is stopped, after its children
   */
  async run(): Promise<boolean> {
    this.#machine.openMapRuns.set(this.#mapRun, this);
    const stopped = () => {
      this.#stop.abort(forChildren(this.#signal.reason as Aborted));
      this.#wake();
    };
    this.#signal.addEventListener('abort', stopped);
    try {
      return await this.#dispatch();
    } catch (error) {
      // Whatever it is, such as a full disk: no child outlives its Map Run.
      this.#stop.abort(new Aborted('stop'));
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
      if (exceeded(this.#settings, this.#failed, this.#total)) {
        this.#stop.abort(TOO_MANY_FAILURES);
        return false;
      }
      this.#signal.throwIfAborted();
      const item =
        this.#children.size < this.#limit ? this.#machine.store.items.next(this.#mapRun) : undefined;
      if (item) {
        await this.#rate.turn(this.#signal);
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
    const signal = this.#machine.stoppable(run.execution.arn, this.#stop.signal);
    const child = this.#interpreter.execute(run, { graph: this.#graph, signal, onEnd }).then(() => {
      this.#machine.ended(run.execution.arn);
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
