import type { StorageError } from 'local-storage/storage';
import type { StateMachineAddress } from './arns.ts';
import type { Clock } from './clock.ts';
import type { Definition } from './definition/load.ts';
import type { Expressions } from './expressions.ts';
import type { Invoke } from './lambda/invocation.ts';
import type { ItemSource, ResultSink } from './map-run/ports.ts';
import type { Random } from './random.ts';
import type { ExecutionRow } from './store/execution-table.ts';
import type { Store } from './store/store.ts';

/** What all executions of a state machine share. */
export interface Machine {
  readonly address: StateMachineAddress;
  readonly roleArn: string;
  readonly definition: Definition;
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly expressions: Expressions;
  readonly invoke: Invoke;
  readonly itemSource: ItemSource;
  readonly resultSink: ResultSink;
  /** Lets StopExecution stop an execution. The returned signal aborts then, and when the outer signal aborts. */
  registerExecution(executionArn: string, outer: AbortSignal): AbortSignal;
  /** Call this when the execution has ended. */
  unregisterExecution(executionArn: string): void;
  /**
   * Stops all running executions when the error shows that the disk accepts no more writes, for example because it is
   * full.
   *
   * @returns the problem of the disk, or undefined when the error has another cause
   */
  stopOnDiskProblem(error: unknown): StorageError | undefined;
  /** The execution as the API shows it. One that a full disk stopped is shown as ABORTED before its row can be written. */
  showExecution(execution: ExecutionRow): ExecutionRow;
  /** The running Map Runs by row id. UpdateMapRun informs them, so that changes take effect at once. */
  readonly openMapRuns: Map<number, { settingsChanged(): void }>;
}
