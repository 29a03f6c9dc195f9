import type { Output } from '../cli/output.ts';

/** A check of the demo did not hold. */
export class CheckFailed extends Error {
  override readonly name = 'CheckFailed';
}

/** Tells the story of the demo, and stops it at the first check that does not hold. */
export class Talk {
  readonly output: Output;
  #step = 0;

  constructor(output: Output) {
    this.output = output;
  }

  /** A step of the story begins. */
  step(title: string): void {
    this.#step += 1;
    this.output.line(`\n${this.#paint('1', `${this.#step}. ${title}`)}`);
  }

  /** Something to know. */
  say(text: string): void {
    this.output.line(`   ${text}`);
  }

  /**
   * Checks something, and says so.
   *
   * @param otherwise what is wrong when it does not hold
   * @throws {CheckFailed} when it does not hold
   */
  check(holds: boolean, text: string, otherwise: () => string): void {
    if (!holds) throw new CheckFailed(`not so: ${text}\n${otherwise()}`);
    this.output.line(`   ${this.#paint('32', '✓')} ${text}`);
  }

  #paint(color: string, text: string): string {
    return this.output.isTerminal ? `\u001b[${color}m${text}\u001b[0m` : text;
  }
}
