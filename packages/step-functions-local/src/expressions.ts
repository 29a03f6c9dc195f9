import jsonata, { type Expression } from 'jsonata';
import { StateError } from './errors.ts';
import { addFunctions } from './expression-functions.ts';
import { isJsonObject, type Json } from './json.ts';
import { maxExpressionSteps } from './limits.ts';
import type { Random } from './random.ts';

/** What an expression can refer to: `$states` and the variables in scope. */
export type Bindings = Readonly<Record<string, unknown>>;

/** An expression failed. `location` is its field, such as `Output/items[0]`. */
export class EvaluationError extends StateError {
  readonly location: string;

  constructor(cause: string, location: string) {
    super('States.QueryEvaluationError', cause);
    this.location = location;
  }
}

/** Whether the string is an expression, `{% … %}`, without blanks around it. */
export function isExpression(text: unknown): text is string {
  return typeof text === 'string' && text.startsWith('{%') && text.endsWith('%}') && text.length >= 4;
}

/** Returns the JSONata inside `{% … %}`. */
export function expressionSource(text: string): string {
  return text.slice(2, -2).trim();
}

/** Evaluates the expressions of one definition. Parses each of them once. */
export class Expressions {
  readonly #random: Random;
  readonly #parsed = new Map<string, Expression>();

  constructor(random: Random) {
    this.#random = random;
  }

  /**
   * Replaces every `{% … %}` in a template with its value.
   *
   * @throws {EvaluationError} when an expression fails or returns `undefined`, which JSON cannot hold
   */
  async evaluate(template: Json, bindings: Bindings, location: string): Promise<Json> {
    if (isExpression(template)) return await this.#run(expressionSource(template), bindings, location);
    if (Array.isArray(template)) {
      const items = template.map((item, index) => this.evaluate(item, bindings, `${location}[${index}]`));
      return await Promise.all(items);
    }
    if (!isJsonObject(template)) return template;
    const entries = Object.entries(template).map(
      async ([key, value]) => [key, await this.evaluate(value, bindings, `${location}/${key}`)] as const,
    );
    return Object.fromEntries(await Promise.all(entries));
  }

  async #run(source: string, bindings: Bindings, location: string): Promise<Json> {
    const field = `The JSONata expression '${source}' specified for the field '${location}'`;
    let value: unknown;
    try {
      value = await this.#parse(source).evaluate(undefined, {
        ...bindings,
        [budgetName]: { steps: maxExpressionSteps },
      });
    } catch (error) {
      throw new EvaluationError(`${field} threw an error during evaluation. ${describe(error)}`, location);
    }
    if (value === undefined) throw new EvaluationError(`${field} returned nothing (undefined).`, location);
    if (holdsFunction(value))
      throw new EvaluationError(`${field} returned an unsupported result type.`, location);
    return JSON.parse(JSON.stringify(value, nameNonFinite)) as Json; // removes the properties that JSONata adds to arrays
  }

  #parse(source: string): Expression {
    const known = this.#parsed.get(source);
    if (known) return known;
    const parsed = jsonata(source);
    addFunctions(parsed, this.#random);
    // jsonata calls the function bound to this symbol before each step. Its types allow only strings as names.
    const assign = parsed.assign as (name: string | symbol, value: unknown) => void;
    assign.call(parsed, Symbol.for('jsonata.__evaluate_entry'), countStep);
    this.#parsed.set(source, parsed);
    return parsed;
  }
}

/** JSON has no infinity and no NaN. Step Functions writes them as strings. */
const nameNonFinite = (_key: string, value: unknown) =>
  typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;

/** Contains blanks, so that no expression can use it as a name. */
const budgetName = 'budget of this evaluation';

function countStep(
  _step: unknown,
  _input: unknown,
  environment: { lookup(name: string): { steps: number } },
): void {
  const budget = environment.lookup(budgetName);
  budget.steps -= 1;
  if (budget.steps < 0) throw new Error(`Expression evaluation timeout: ${maxExpressionSteps} steps`);
}

function describe(error: unknown): string {
  if (!isJsonObject(error) && !(error instanceof Error)) return String(error);
  const { code, message } = error as { code?: string; message?: string };
  return code === undefined ? String(message) : `${code}: ${message}`;
}

function holdsFunction(value: unknown): boolean {
  if (typeof value === 'function') return true;
  if (Array.isArray(value)) return value.some(holdsFunction);
  if (!isJsonObject(value)) return false;
  const marks = value as { _jsonata_lambda?: boolean; _jsonata_function?: boolean };
  return (
    marks._jsonata_lambda === true ||
    marks._jsonata_function === true ||
    Object.values(value).some(holdsFunction)
  );
}
