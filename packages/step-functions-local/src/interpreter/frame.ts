import type { Graph } from '../definition/schema.ts';
import { StateError } from '../errors.ts';
import type { Bindings } from '../expressions.ts';
import type { History } from '../history.ts';
import type { Json, JsonObject } from '../json.ts';
import type { Machine } from '../machine.ts';
import type { ExecutionEnd, ExecutionRow, NewExecution } from '../store/execution-table.ts';
import type { FrameRow } from '../store/frame-table.ts';
import type { VariableSpace } from './variable-space.ts';

/** One execution under way. */
export interface Run {
  readonly machine: Machine;
  readonly execution: ExecutionRow;
  readonly history: History;
  /** The execution's input, parsed. */
  readonly input: Json;
  readonly variables: VariableSpace;
  readonly interpreter: Interpreter;
}

/** How to run an execution that was written down. */
export interface ExecuteOptions {
  readonly graph: Graph;
  /** Aborts with an `Aborted`. */
  readonly signal: AbortSignal;
  /** Written in the same transaction as the end, so that no kill can come between. */
  readonly onEnd?: (end: ExecutionEnd) => void;
}

/** What states need that run graphs or executions inside them; given to them, since it runs them in its turn. */
export interface Interpreter {
  /** Runs the graph of a branch or an iteration to its end. */
  runFrame(frame: Frame, onFinish: () => void): Promise<Json>;
  /** Writes down a new execution of a Map Run. */
  createExecution(machine: Machine, row: NewExecution, graph: Graph): Run;
  /** Writes down that an execution of a Map Run goes on where it stopped. */
  redriveExecution(machine: Machine, id: number, token: string | null): Run;
  /** Runs an execution of a Map Run to its end; it does not reject. */
  execute(run: Run, options: ExecuteOptions): Promise<ExecutionEnd>;
}

/** What `$states.context.State` and `$states.context.Map` say at some moment. */
export interface Moment {
  readonly retryCount?: number;
  readonly mapItem?: JsonObject;
}

/**
 * One graph under way: the machine, a branch of a Parallel or an iteration of an inline Map.
 *
 * A frame reads the variables of the frames around it and assigns only its own. All that a redrive
 * needs to go on from here is also in the store.
 */
export class Frame {
  readonly run: Run;
  readonly graph: Graph;
  readonly path: string;
  readonly outer: Frame | undefined;
  /** Aborts when the frame is to stop; the reason is an `Aborted`. */
  readonly signal: AbortSignal;
  state: string;
  input: Json;
  variables: JsonObject;
  /** The event that entered the state, 0 before that. */
  enteredEvent: number;
  enteredTime: number;
  mapRun: number | null;
  /** The last event of this frame: the next one's `previousEventId`. */
  lastEvent: number;
  /** Whether the state was entered by an earlier attempt of the execution. */
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

  /** Adds an event to the history, behind this frame's last one. */
  record(type: string, details?: JsonObject): number {
    this.lastEvent = this.run.history.record(type, this.lastEvent, details);
    return this.lastEvent;
  }

  /** Adds an event that no other follows: the next one has the same `previousEventId`. */
  recordAside(type: string, details?: JsonObject): void {
    this.run.history.record(type, this.lastEvent, details);
  }

  /** All variables in scope. */
  get scope(): JsonObject {
    return { ...this.outer?.scope, ...this.variables };
  }

  /** What an expression of the current state can name. */
  bindings(states: Readonly<Record<string, Json | undefined>>, moment: Moment = {}): Bindings {
    const named = Object.fromEntries(Object.entries(states).filter(([, value]) => value !== undefined));
    return { ...this.scope, states: { input: this.input, ...named, context: this.#context(moment) } };
  }

  /** @see https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html (read 2026-11-22) */
  #context({ retryCount = 0, mapItem }: Moment): Json {
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

  /** An error that names the state in its cause, as AWS words it. */
  failure(error: string, cause: string): StateError {
    return new StateError(error, `${this.whereabouts} ${cause}`);
  }

  get whereabouts(): string {
    return `An error occurred while executing the state '${this.state}' (entered at the event id #${this.enteredEvent}).`;
  }
}
