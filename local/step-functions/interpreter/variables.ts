import { type JsonObject, utf8Bytes } from '../json.ts';
import { VariableLimits } from '../limits.ts';
import type { Frame } from './frame.ts';

const bytesOf = (variables: JsonObject) =>
  Object.keys(variables).length === 0 ? 0 : utf8Bytes(JSON.stringify(variables));

/** Bytes of the variables of an execution, scope by scope: those of the branches and iterations under way, too. */
export class VariableSpace {
  readonly #scopes = new Map<string, number>();

  /** Bytes of all scopes, if one of them held these variables. */
  bytesWith(path: string, variables: JsonObject): number {
    const others = [...this.#scopes].filter(([other]) => other !== path);
    return others.reduce((sum, [, bytes]) => sum + bytes, bytesOf(variables));
  }

  set(path: string, variables: JsonObject): void {
    this.#scopes.set(path, bytesOf(variables));
  }

  /** A branch or an iteration is over, and its variables with it. */
  release(path: string): void {
    this.#scopes.delete(path);
  }
}

/**
 * Gives a frame what its state assigns: at most 256 KiB at once, and 10 MiB in the whole execution.
 *
 * @throws {StateError} `States.DataLimitExceeded`
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html (read 2026-11-22)
 */
export function assignVariables(frame: Frame, assigned: JsonObject): void {
  if (Object.keys(assigned).length === 0) return;
  const variables = { ...frame.variables, ...assigned };
  const bytes = bytesOf(assigned);
  const total = frame.run.variables.bytesWith(frame.path, variables);
  if (bytes > VariableLimits.variableBytes || total > VariableLimits.totalBytes) {
    throw frame.failure(
      'States.DataLimitExceeded',
      `The variables assigned by the state '${frame.state}' hold ${bytes} bytes (${total} in all), above the service limit.`,
    );
  }
  frame.variables = variables;
  frame.run.variables.set(frame.path, variables);
}
