import type { Graph } from '../definition/schema.ts';
import { StateError } from '../errors.ts';
import type { Bindings } from '../expressions.ts';
import type { History } from '../history.ts';
import type { Json, JsonObject } from '../json.ts';
import type { Machine } from '../machine.ts';
import type { ExecutionEnd, ExecutionRow, NewExecution } from '../store/execution-table.ts';
import type { FrameRow } from '../store/frame-table.ts';
import type { VariableSpace } from './variable-space.ts';

/** A running execution. */
export interface Run {
  readonly machine: Machine;
  readonly execution: ExecutionRow;
  readonly history: History;
  /** The execution's input, parsed. */
  readonly input: Json;
  readonly variables: VariableSpace;
  readonly interpreter: Interpreter;
}

/** How to run an execution that is stored. */
export interface ExecuteOptions {
  readonly graph: Graph;
  /** Stops the execution. The reason is an `AbortedError`. */
  readonly signal: AbortSignal;
  /** Runs in the same transaction that stores the end, so that a kill cannot separate them. */
  readonly onEnd?: (end: ExecutionEnd) => void;
}

/** Runs graphs and executions inside a state. It is passed in, because files must not import each other. */
export interface Interpreter {
  /** Runs the graph of a branch or an iteration to its end. */
  runFrame(frame: Frame, onFinish: () => void): Promise<Json>;
  /** Stores a new child execution of a Map Run. */
  createExecution(machine: Machine, row: NewExecution, graph: Graph): Run;
  /** Stores that a child execution of a Map Run continues where it stopped. */
  redriveExecution(machine: Machine, id: number, token: string | null): Run;
  /** Runs a child execution of a Map Run to its end. Does not reject. */
  execute(run: Run, options: ExecuteOptions): Promise<ExecutionEnd>;
}

/** Values of `$states.context.State` and `$states.context.Map` that the frame does not hold. */
export interface ContextDetails {
  readonly retryCount?: number;
  readonly mapItem?: JsonObject;
}

/**
 * One running graph: the machine, a branch of a Parallel or an iteration of an inline Map.
 *
 * A frame can read the variables of the frames around it, but assigns only its own. The store also holds everything
 * that a redrive needs to continue from here.
 */
export class Frame {
  readonly run: Run;
  readonly graph: Graph;
  readonly path: string;
  readonly outer: Frame | undefined;
  /** Aborts when the frame has to stop. The reason is an `AbortedError`. */
  readonly signal: AbortSignal;
  state: string;
  input: Json;
  variables: JsonObject;
  /** The event that entered the state, or 0 before that. */
  enteredEvent: number;
  enteredTime: number;
  mapRun: number | null;
  /** The last event of this frame: the `previousEventId` of the next one. */
  lastEvent: number;
  /** Whether the execution had entered the state before it was redriven. */
  resumed: boolean;

  constructor(
    run: Run,
    graph: Graph,
    row: FrameRow,
    around: { outer?: Frame; signal: AbortSignal; lastEvent: number },
  ) {
    this.run = run;
    this.graph = graph;
    this.path = row.path;
    this.outer = around.outer;
    this.signal = around.signal;
    this.lastEvent = around.lastEvent;
    this.state = row.state;
    this.input = JSON.parse(row.input) as Json;
    this.variables = JSON.parse(row.variables) as JsonObject;
    run.variables.set(row.path, this.variables);
    this.enteredEvent = row.entered_event;
    this.enteredTime = run.machine.clock.now();
    this.mapRun = row.map_run;
    this.resumed = row.entered_event > 0;
  }

  /** Adds an event to the history that follows the last event of this frame. */
  record(type: string, details?: JsonObject): number {
    this.lastEvent = this.run.history.record(type, this.lastEvent, details);
    return this.lastEvent;
  }

  /** Adds an event that is not the `previousEventId` of any other: the next event follows the one before it. */
  recordAside(type: string, details?: JsonObject): void {
    this.run.history.record(type, this.lastEvent, details);
  }

  /** All variables in scope. */
  get scope(): JsonObject {
    return { ...this.outer?.scope, ...this.variables };
  }

  /** What an expression of the current state can refer to. */
  bindings(states: Readonly<Record<string, Json | undefined>>, details: ContextDetails = {}): Bindings {
    const named = Object.fromEntries(Object.entries(states).filter(([, value]) => value !== undefined));
    return { ...this.scope, states: { input: this.input, ...named, context: this.#context(details) } };
  }

  /** @see https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html (read 2026-11-22) */
  #context({ retryCount = 0, mapItem }: ContextDetails): Json {
    const { execution, machine } = this.run;
    return {
      Execution: {
        Id: execution.arn,
        Input: this.run.input,
        Name: execution.name,
        RoleArn: machine.roleArn,
        StartTime: new Date(execution.start_date).toISOString(),
        RedriveCount: execution.redrive_count,
        ...(execution.redrive_date !== null && {
          RedriveTime: new Date(execution.redrive_date).toISOString(),
        }),
      },
      State: {
        EnteredTime: new Date(this.enteredTime).toISOString(),
        Name: this.state,
        RetryCount: retryCount,
      },
      StateMachine: { Id: execution.state_machine_arn, Name: machine.address.name },
      ...(mapItem && { Map: { Item: mapItem } }),
    };
  }

  /** Creates an error whose cause names the state in the words of AWS. */
  failure(error: string, cause: string): StateError {
    return new StateError(error, `${this.whereabouts} ${cause}`);
  }

  get whereabouts(): string {
    return `An error occurred while executing the state '${this.state}' (entered at the event id #${this.enteredEvent}).`;
  }
}
