import type { ChoiceState, FailState, WaitState } from '../definition/schema.ts';
import { StateError } from '../errors.ts';
import type { Json } from '../json.ts';
import type { Frame } from './frame.ts';
import { evaluateNumber, evaluateString, wrongType } from './settings.ts';

/** What is left of a state after its work: its result, and where Output, Assign and Next come from. */
export interface Tail {
  readonly result?: Json;
  readonly Output?: Json;
  readonly Assign?: Readonly<Record<string, Json>>;
  readonly next: string | undefined;
  /** Where Output and Assign stand, when not in the state itself. */
  readonly location?: string;
}

/**
 * The first rule whose condition is true, else the default.
 *
 * @throws {StateError} `States.Runtime`, which nothing catches, when there is neither
 */
export async function matchChoice(frame: Frame, state: ChoiceState): Promise<Tail> {
  for (const [index, rule] of state.Choices.entries()) {
    const location = `Choices[${index}]`;
    const value = await frame.run.machine.expressions.evaluate(
      rule.Condition,
      frame.bindings({}),
      `${location}/Condition`,
    );
    if (typeof value !== 'boolean')
      throw wrongType(`${location}/Condition`, rule.Condition, value, 'a boolean');
    if (value) return { ...rule, next: rule.Next, location };
  }
  if (state.Default !== undefined) return { ...state, next: state.Default };
  throw frame.failure(
    'States.Runtime',
    'Failed to transition out of the state. The state does not point to a next state.',
  );
}

/** Waits for some seconds, or until a time; a time in the past is no wait at all. */
export async function wait(frame: Frame, state: WaitState): Promise<void> {
  const { clock } = frame.run.machine;
  const seconds = await evaluateNumber(frame, state.Seconds, frame.bindings({}), 'Seconds');
  const timestamp = await evaluateString(frame, state.Timestamp, frame.bindings({}), 'Timestamp');
  const until = timestamp === undefined ? undefined : Date.parse(timestamp);
  if (until !== undefined && Number.isNaN(until))
    throw wrongType('Timestamp', state.Timestamp ?? '', timestamp ?? '', 'a time');
  const millis = until === undefined ? (seconds ?? 0) * 1_000 : until - clock.now();
  if (millis > 0) await clock.sleep(millis, frame.signal);
}

/** Fails, with the error and cause that the state says. */
export async function failNow(frame: Frame, state: FailState): Promise<never> {
  const error = await evaluateString(frame, state.Error, frame.bindings({}), 'Error');
  const cause = await evaluateString(frame, state.Cause, frame.bindings({}), 'Cause');
  throw new StateError(error ?? '', cause);
}
