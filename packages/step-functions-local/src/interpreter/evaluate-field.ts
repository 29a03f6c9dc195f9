import { type Bindings, EvaluationError, isExpression } from '../expressions.ts';
import type { Json } from '../json.ts';
import { type NumberRange, NumberRanges } from '../limits.ts';
import type { Frame } from './frame.ts';

/**
 * Evaluates a field that holds a number or an expression.
 *
 * @throws {EvaluationError} when the value is not a number or outside the range of the field
 */
export async function evaluateNumber(
  frame: Frame,
  setting: number | string | undefined,
  bindings: Bindings,
  field: keyof typeof NumberRanges,
): Promise<number | undefined> {
  if (setting === undefined) return undefined;
  const value = await frame.run.machine.expressions.evaluate(setting, bindings, field);
  const range: NumberRange = NumberRanges[field];
  if (typeof value === 'number' && isInRange(value, range)) return value;
  const kind = range.integer ? 'an integer' : 'a number';
  throw wrongTypeError(field, setting, value, `${kind} from ${range.min} to ${range.max}`);
}

const isInRange = (value: number, { integer, min, max }: NumberRange): boolean =>
  value >= min && value <= max && (!integer || Number.isInteger(value));

/** Evaluates a field that holds a string or an expression. */
export async function evaluateString(
  frame: Frame,
  setting: string | undefined,
  bindings: Bindings,
  field: string,
): Promise<string | undefined> {
  if (setting === undefined) return undefined;
  const value = await frame.run.machine.expressions.evaluate(setting, bindings, field);
  if (typeof value === 'string') return value;
  throw wrongTypeError(field, setting, value, 'a string');
}

/** The error of a field whose value has another type than the field needs. */
export function wrongTypeError(field: string, setting: Json, value: Json, wanted: string): EvaluationError {
  const what = isExpression(setting)
    ? `The JSONata expression '${setting.slice(2, -2).trim()}'`
    : 'The value';
  const shown = JSON.stringify(value).slice(0, 200);
  return new EvaluationError(
    `${what} specified for the field '${field}' returned ${shown}, not ${wanted}.`,
    field,
  );
}
