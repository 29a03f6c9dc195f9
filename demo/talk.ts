import type { Output } from '../cli/output.ts';

/** A result of the demo is not as expected. */
export class CheckError extends Error {
  override readonly name = 'CheckError';
}

/** Prints the steps of the demo and checks their results. */
export class Talk {
  readonly output: Output;
  #step = 0;

  constructor(output: Output) {
    this.output = output;
  }

  /** Prints the title of the next step. */
  step(title: string): void {
    this.#step += 1;
    this.output.line(`\n${this.#paint('1', `${this.#step}. ${title}`)}`);
  }

  /** Prints a line of text. */
  say(text: string): void {
    this.output.line(`   ${text}`);
  }

  /**
   * Checks a result and prints it.
   *
   * @param holds whether the result is as expected
   * @param explain describes the result that was found instead
   * @throws {CheckError} when the result is not as expected
   */
  check(holds: boolean, text: string, explain: () => string): void {
    if (!holds) throw new CheckError(`expected: ${text}\nfound: ${explain()}`);
    this.output.line(`   ${this.#paint('32', '✓')} ${text}`);
  }

  #paint(color: string, text: string): string {
    return this.output.isTerminal ? `\u001b[${color}m${text}\u001b[0m` : text;
  }
}
