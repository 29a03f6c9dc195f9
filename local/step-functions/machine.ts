import type { StateMachineAddress } from './arns.ts';
import type { Clock } from './clock.ts';
import type { Definition } from './definition/load.ts';
import type { Expressions } from './expressions.ts';
import type { Invoke } from './lambda/invocation.ts';
import type { ItemSource, ResultSink } from './map-run/ports.ts';
import type { Random } from './random.ts';
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
  /** The Map Runs under way, by row id, so that UpdateMapRun takes effect at once. */
  readonly openMapRuns: Map<number, { settingsChanged(): void }>;
}
