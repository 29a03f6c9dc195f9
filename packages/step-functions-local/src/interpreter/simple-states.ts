import type { ChoiceState, FailState, WaitState } from '../definition/schema.ts';
import { StateError } from '../errors.ts';
import type { Json } from '../json.ts';
import { evaluateNumber, evaluateString, wrongTypeError } from './evaluate-field.ts';
import type { Frame } from './frame.ts';

/** What a state has after its work: the result, and the Output, Assign and Next to use. */
export interface Completion {
  readonly result?: Json;
  readonly Output?: Json;
  readonly Assign?: Readonly<Record<string, Json>>;
  readonly next: string | undefined;
  /** The field that holds Output and Assign when they are not fields of the state itself, such as `Choices[0]`. */
  readonly location?: string;
}

/**
 * Returns the first rule whose condition is true, or else the default.
 *
 * @throws {StateError} `States.Runtime`, which cannot be caught, when no rule matches and there is no default
 */
export async function matchChoice(frame: Frame, state: ChoiceState): Promise<Completion> {
  for (const [index, rule] of state.Choices.entries()) {
    const location = `Choices[${index}]`;
    const value = await frame.run.machine.expressions.evaluate(
      rule.Condition,
      frame.bindings({}),
      `${location}/Condition`,
    );
    if (typeof value !== 'boolean')
      throw wrongTypeError(`${location}/Condition`, rule.Condition, value, 'a boolean');
    if (value) return { ...rule, next: rule.Next, location };
  }
  if (state.Default !== undefined) return { ...state, next: state.Default };
  throw frame.failure(
    'States.Runtime',
    'Failed to transition out of the state. The state does not point to a next state.',
  );
}

/** Waits for a number of seconds or until a time. Does not wait when the time has passed. */
export async function wait(frame: Frame, state: WaitState): Promise<void> {
  const { clock } = frame.run.machine;
  const seconds = await evaluateNumber(frame, state.Seconds, frame.bindings({}), 'Seconds');
  const timestamp = await evaluateString(frame, state.Timestamp, frame.bindings({}), 'Timestamp');
  const until = timestamp === undefined ? undefined : Date.parse(timestamp);
  if (until !== undefined && Number.isNaN(until))
    throw wrongTypeError('Timestamp', state.Timestamp ?? '', timestamp ?? '', 'a time');
  const millis = until === undefined ? (seconds ?? 0) * 1_000 : until - clock.now();
  if (millis > 0) await clock.sleep(millis, frame.signal);
}

/** Fails with the error and cause of the state. */
export async function failNow(frame: Frame, state: FailState): Promise<never> {
  const error = await evaluateString(frame, state.Error, frame.bindings({}), 'Error');
  const cause = await evaluateString(frame, state.Cause, frame.bindings({}), 'Cause');
  throw new StateError(error ?? '', cause);
}
