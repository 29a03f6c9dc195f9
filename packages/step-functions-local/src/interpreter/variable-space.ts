import { type JsonObject, utf8Bytes } from '../json.ts';

export const bytesOf = (variables: JsonObject) =>
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
