import { type Bindings, EvaluationError, isExpression } from '../expressions.ts';
import type { Json } from '../json.ts';
import { type NumberRange, NumberRanges } from '../limits.ts';
import type { Frame } from './frame.ts';

/**
 * The value of a setting that is a number or an expression.
 *
 * @throws {EvaluationError} when the expression gives anything else, or a number that the field does not take
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
  throw wrongType(field, setting, value, `${kind} from ${range.min} to ${range.max}`);
}

const isInRange = (value: number, { integer, min, max }: NumberRange): boolean =>
  value >= min && value <= max && (!integer || Number.isInteger(value));

/** The value of a setting that is a string or an expression. */
export async function evaluateString(
  frame: Frame,
  setting: string | undefined,
  bindings: Bindings,
  field: string,
): Promise<string | undefined> {
  if (setting === undefined) return undefined;
  const value = await frame.run.machine.expressions.evaluate(setting, bindings, field);
  if (typeof value === 'string') return value;
  throw wrongType(field, setting, value, 'a string');
}

/** A field's value has not the type that the field needs. */
export function wrongType(field: string, setting: Json, value: Json, wanted: string): EvaluationError {
  const what = isExpression(setting)
    ? `The JSONata expression '${setting.slice(2, -2).trim()}'`
    : 'The value';
  const shown = JSON.stringify(value).slice(0, 200);
  return new EvaluationError(
    `${what} specified for the field '${field}' gave ${shown}, not ${wanted}.`,
    field,
  );
}
