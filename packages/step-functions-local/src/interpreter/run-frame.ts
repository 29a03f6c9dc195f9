import type { Catcher, State } from '../definition/schema.ts';
import { StateError } from '../errors.ts';
import { EvaluationError } from '../expressions.ts';
import type { Json, JsonObject } from '../json.ts';
import { attemptDistributedMap } from './distributed-map.ts';
import type { Frame } from './frame.ts';
import { findCatcher, Retries } from './handlers.ts';
import { attemptInlineMap } from './inline-map.ts';
import { attemptParallel } from './parallel.ts';
import { serializePayload } from './payload.ts';
import { type Completion, failNow, matchChoice, wait } from './simple-states.ts';
import { attemptTask } from './task.ts';
import { assignVariables } from './variables.ts';

/** The next state, or none at the end of the graph, and what is passed on. */
interface Exit {
  readonly next: string | undefined;
  readonly output: Json;
  readonly text: string;
  readonly assigned: JsonObject;
}

/**
 * Runs a graph from the current state of its frame to its end.
 *
 * @param onFinish records the event after the last state, in the same transaction
 * @returns the output of the last state
 * @throws {StateError} when a state fails and nothing catches it
 * @throws {AbortedError} when its signal aborts
 */
export async function runFrame(frame: Frame, onFinish: () => void = () => undefined): Promise<Json> {
  const { store } = frame.run.machine;
  const id = frame.run.execution.id;
  for (;;) {
    frame.signal.throwIfAborted();
    const state = frame.graph.states[frame.state];
    if (!state) throw new Error(`The graph has no state "${frame.state}".`);
    const exit = await runState(frame, state);
    store.transaction(() => {
      frame.record(`${state.Type}StateExited`, exitDetails(frame.state, exit));
      if (exit.next === undefined) onFinish();
      if (exit.next === undefined) store.frames.finish(id, frame.path, exit.text);
      else
        store.frames.advance(id, frame.path, {
          state: exit.next,
          input: exit.text,
          variables: JSON.stringify(frame.variables),
        });
      store.frames.removeInside(id, frame.path);
    });
    if (exit.next === undefined) return exit.output;
    Object.assign(frame, {
      state: exit.next,
      input: exit.output,
      enteredEvent: 0,
      mapRun: null,
      resumed: false,
    });
  }
}

async function runState(frame: Frame, state: State): Promise<Exit> {
  if (!frame.resumed || state.Type === 'Fail') enter(frame, state);
  if (frame.resumed && state.Type === 'Pass') return passUnexecuted(frame, state.Next);
  const retries = new Retries('Retry' in state ? state.Retry : [], frame.run.machine.random);
  for (;;) {
    try {
      return await finish(frame, state, await attempt(frame, state, retries.total), retries.total);
    } catch (thrown) {
      const error = toStateError(frame, thrown);
      const delay = retries.next(error);
      endAttempt(frame, error, delay !== undefined);
      if (delay === undefined) return await catchError(frame, state, error, retries.total);
      await frame.run.machine.clock.sleep(delay, frame.signal);
    }
  }
}

function enter(frame: Frame, state: State): void {
  const { store, clock } = frame.run.machine;
  frame.enteredTime = clock.now();
  store.transaction(() => {
    const details = {
      name: frame.state,
      input: JSON.stringify(frame.input),
      inputDetails: { truncated: false },
    };
    frame.enteredEvent = frame.record(`${state.Type}StateEntered`, details);
    store.frames.enter(frame.run.execution.id, frame.path, frame.enteredEvent);
  });
}

/** A redrive leaves a Pass that was already entered without executing it. */
function passUnexecuted(frame: Frame, next: string | undefined): Exit {
  return { next, output: frame.input, text: JSON.stringify(frame.input), assigned: {} };
}

/** Does the work of a state once, without retries, Output and Assign. */
async function attempt(frame: Frame, state: State, retryCount: number): Promise<Completion> {
  switch (state.Type) {
    case 'Task':
      return { ...state, next: state.Next, result: await attemptTask(frame, state, retryCount) };
    case 'Parallel':
      return { ...state, next: state.Next, result: await attemptParallel(frame, state) };
    case 'Map': {
      const run = state.distributed ? attemptDistributedMap : attemptInlineMap;
      return { ...state, next: state.Next, result: await run(frame, state, retryCount) };
    }
    case 'Choice':
      return await matchChoice(frame, state);
    case 'Wait':
      await wait(frame, state);
      return { ...state, next: state.Next };
    case 'Fail':
      return await failNow(frame, state);
    default:
      return { ...state, next: 'Next' in state ? state.Next : undefined };
  }
}

/** Evaluates Output and Assign. Both see the variables as they were when the state was entered. */
async function finish(frame: Frame, state: State, completion: Completion, retryCount: number): Promise<Exit> {
  const { expressions } = frame.run.machine;
  const bindings = frame.bindings({ result: completion.result }, { retryCount });
  const fallback = completion.result === undefined ? frame.input : completion.result;
  const [output, assigned] = await Promise.all([
    completion.Output === undefined
      ? fallback
      : expressions.evaluate(
          completion.Output,
          bindings,
          completion.location ? `${completion.location}/Output` : 'Output',
        ),
    expressions.evaluate(
      completion.Assign ?? {},
      bindings,
      completion.location ? `${completion.location}/Assign` : 'Assign',
    ),
  ]);
  frame.signal.throwIfAborted();
  const text = serializePayload(frame, output, 'output');
  assignVariables(frame, assigned as JsonObject);
  return {
    next: state.Type === 'Succeed' ? undefined : completion.next,
    output,
    text,
    assigned: assigned as JsonObject,
  };
}

/** Returns the error of a state. Records an event when an expression failed. */
function toStateError(frame: Frame, thrown: unknown): StateError {
  if (thrown instanceof EvaluationError) {
    const cause = `${frame.whereabouts} ${thrown.cause}`;
    frame.record('EvaluationFailed', {
      error: thrown.error,
      cause,
      location: thrown.location,
      state: frame.state,
    });
    return new StateError(thrown.error, cause);
  }
  if (thrown instanceof StateError) return thrown;
  throw thrown;
}

/**
 * Decides what a redrive continues. It continues the branches, iterations and Map Run of the failed attempt, unless the
 * attempt is retried or its data was too large. Then all of them run again.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html (read 2026-11-22)
 */
function endAttempt(frame: Frame, error: StateError, retried: boolean): void {
  frame.resumed = false;
  if (!retried && error.error !== 'States.DataLimitExceeded' && error.error !== 'States.Runtime') return;
  const { store } = frame.run.machine;
  frame.mapRun = null;
  store.transaction(() => {
    store.frames.removeInside(frame.run.execution.id, frame.path);
    store.frames.setMapRun(frame.run.execution.id, frame.path, null);
  });
}

/** Continues with the state that a catcher names. Throws the error when no catcher matches. */
async function catchError(frame: Frame, state: State, error: StateError, retryCount: number): Promise<Exit> {
  const catchers: readonly Catcher[] = 'Catch' in state ? state.Catch : [];
  const catcher = findCatcher(catchers, error);
  if (!catcher) throw error;
  const location = `Catch[${catchers.indexOf(catcher)}]`;
  const errorOutput = { Error: error.error, ...(error.cause !== undefined && { Cause: error.cause }) };
  const completion = { ...catcher, next: catcher.Next, location };
  const { expressions } = frame.run.machine;
  const bindings = frame.bindings({ errorOutput }, { retryCount });
  try {
    const output =
      completion.Output === undefined
        ? errorOutput
        : await expressions.evaluate(completion.Output, bindings, `${location}/Output`);
    const assigned = (await expressions.evaluate(
      completion.Assign ?? {},
      bindings,
      `${location}/Assign`,
    )) as JsonObject;
    const text = serializePayload(frame, output, 'output');
    assignVariables(frame, assigned);
    return { next: completion.next, output, text, assigned };
  } catch (thrown) {
    throw toStateError(frame, thrown);
  }
}

function exitDetails(name: string, exit: Exit): JsonObject {
  const assigned = Object.entries(exit.assigned).map(([variable, value]) => [
    variable,
    JSON.stringify(value),
  ]);
  return {
    name,
    output: exit.text,
    outputDetails: { truncated: false },
    ...(assigned.length > 0 && {
      assignedVariables: Object.fromEntries(assigned),
      assignedVariablesDetails: { truncated: false },
    }),
  };
}
