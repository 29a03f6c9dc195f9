import type { Graph } from '../definition/schema.ts';
import { AbortedError, HistoryLimitError, StateError } from '../errors.ts';
import { History } from '../history.ts';
import type { Json, JsonObject } from '../json.ts';
import type { Machine } from '../machine.ts';
import type { ExecutionEnd, ExecutionRow, NewExecution } from '../store/execution-table.ts';
import type { FrameRow } from '../store/frame-table.ts';
import { type ExecuteOptions, Frame, type Interpreter, type Run } from './frame.ts';
import { runFrame } from './run-frame.ts';
import { VariableSpace } from './variable-space.ts';

/** The cause of executions that were ABORTED because the engine stopped. */
export const engineStopped = 'engine stopped';

/** Stores a new execution: its row, its first event and its first state. */
export function createExecution(machine: Machine, row: NewExecution, graph: Graph): Run {
  return machine.store.transaction(() => {
    const execution = machine.store.executions.insert(row);
    const history = new History(machine.store, machine.clock, execution.id);
    history.record('ExecutionStarted', 0, {
      input: row.input,
      inputDetails: { truncated: false },
      roleArn: machine.roleArn,
    });
    machine.store.frames.insert(execution.id, '', graph.startAt, row.input);
    return newRun(machine, execution, history);
  });
}

/** Stores that an execution continues where it stopped. */
export function redriveExecution(machine: Machine, id: number, token: string | null): Run {
  return machine.store.transaction(() => {
    const execution = machine.store.executions.redrive(id, machine.clock.now(), token);
    const history = new History(machine.store, machine.clock, execution.id);
    history.record('ExecutionRedriven', history.count, { redriveCount: execution.redrive_count });
    return newRun(machine, execution, history);
  });
}

const interpreter: Interpreter = { runFrame, createExecution, redriveExecution, execute };

const newRun = (machine: Machine, execution: ExecutionRow, history: History): Run => ({
  machine,
  execution,
  history,
  input: JSON.parse(execution.input) as Json,
  variables: new VariableSpace(),
  interpreter,
});

/** Runs an execution to its end, successful or not. Does not reject, not even when the disk is full. */
export async function execute(run: Run, { graph, signal, onEnd }: ExecuteOptions): Promise<ExecutionEnd> {
  const { machine, execution, history } = run;
  const row = machine.store.frames.find(execution.id, '');
  if (!row) throw new Error(`The execution ${execution.arn} has no frame in the database.`);
  const lastEvent = execution.redrive_count > 0 ? history.count : 0;
  const frame = new Frame(run, graph, row, { signal, lastEvent });
  const end = row.status === 'SUCCEEDED' ? readOutput(row) : await runToEnd(frame);
  try {
    writeEnd(run, end, frame, onEnd);
  } catch (error) {
    if (machine.stopOnDiskProblem(error) === undefined) throw error;
  }
  return end;
}

function writeEnd(
  { machine, execution, history }: Run,
  end: ExecutionEnd,
  frame: Frame,
  onEnd: ExecuteOptions['onEnd'],
): void {
  machine.store.transaction(() => {
    const previous = end.status === 'ABORTED' || end.status === 'TIMED_OUT' ? 0 : frame.lastEvent;
    history.record(eventOfStatus[end.status], previous, endDetails(end));
    machine.store.executions.end(execution.id, end, machine.clock.now(), history.count);
    if (end.status === 'SUCCEEDED') machine.store.frames.removeAll(execution.id);
    onEnd?.(end);
  });
}

const eventOfStatus: Readonly<Record<ExecutionEnd['status'], string>> = {
  SUCCEEDED: 'ExecutionSucceeded',
  FAILED: 'ExecutionFailed',
  TIMED_OUT: 'ExecutionTimedOut',
  ABORTED: 'ExecutionAborted',
};

/** The engine was killed after the last state and before the end of the execution was stored: there is nothing to run. */
const readOutput = (row: FrameRow): ExecutionEnd => ({ status: 'SUCCEEDED', output: row.output ?? 'null' });

async function runToEnd(frame: Frame): Promise<ExecutionEnd> {
  try {
    return { status: 'SUCCEEDED', output: JSON.stringify(await runFrame(frame)) };
  } catch (thrown) {
    if (thrown instanceof AbortedError)
      return thrown.by === 'timeout' ? { status: 'TIMED_OUT' } : { status: 'ABORTED', ...thrown.reason };
    if (thrown instanceof StateError) return { status: 'FAILED', error: thrown.error, cause: thrown.cause };
    if (thrown instanceof HistoryLimitError)
      return { status: 'FAILED', error: 'States.Runtime', cause: thrown.message };
    const problem = frame.run.machine.stopOnDiskProblem(thrown);
    if (problem !== undefined) return { status: 'ABORTED', cause: problem.message };
    const trace = thrown instanceof Error ? thrown.stack : String(thrown);
    return { status: 'FAILED', error: 'States.Runtime', cause: `The engine failed: ${trace}` };
  }
}

function endDetails({ status, output, error, cause }: ExecutionEnd): JsonObject {
  if (output !== undefined) return { output, outputDetails: { truncated: false } };
  if (status === 'TIMED_OUT') return { error: 'States.Timeout' };
  return { ...(error !== undefined && { error }), ...(cause !== undefined && { cause }) };
}
