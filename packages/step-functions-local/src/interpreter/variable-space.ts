import { type JsonObject, utf8Bytes } from '../json.ts';

/** The bytes of variables as JSON. No variables have 0 bytes. */
export const countBytes = (variables: JsonObject) =>
  Object.keys(variables).length === 0 ? 0 : utf8Bytes(JSON.stringify(variables));

/** Counts the bytes of all variables of an execution: those of the machine and of the running branches and iterations. */
export class VariableSpace {
  readonly #scopes = new Map<string, number>();

  /** Returns the bytes of all scopes if the scope at `path` held these variables. */
  bytesWith(path: string, variables: JsonObject): number {
    const others = [...this.#scopes].filter(([other]) => other !== path);
    return others.reduce((sum, [, bytes]) => sum + bytes, countBytes(variables));
  }

  set(path: string, variables: JsonObject): void {
    this.#scopes.set(path, countBytes(variables));
  }

  /** Forgets the variables of a branch or iteration that has ended. */
  release(path: string): void {
    this.#scopes.delete(path);
  }
}
