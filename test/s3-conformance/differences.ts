/** A place where a server differs from what Amazon documents, and why. */
export interface Difference {
  readonly judge: string;
  /** Title of the fact, word for word. */
  readonly fact: string;
  readonly reason: string;
}

/** Known differences. A difference that is not here fails; so does one that is here and no longer there. */
export const differences: readonly Difference[] = [];
