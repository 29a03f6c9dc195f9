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

/** What every execution of a state machine shares. */
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
  /** Registers an execution that StopExecution may stop; the signal also aborts when the outer one does. */
  stoppable(executionArn: string, outer: AbortSignal): AbortSignal;
  /** The execution is over: nothing is left to stop. */
  ended(executionArn: string): void;
  /**
   * Ends all that is under way when an error says that nothing can be written down any more, as on a full disk.
   *
   * @returns what the error says of the disk; nothing when it is about something else
   */
  diskFailed(error: unknown): StorageError | undefined;
  /** An execution as the API shows it: what a full disk has cut off is over, although no row says so yet. */
  shown(execution: ExecutionRow): ExecutionRow;
  /** The Map Runs under way, by row id, so that UpdateMapRun takes effect at once. */
  readonly openMapRuns: Map<number, { settingsChanged(): void }>;
}
