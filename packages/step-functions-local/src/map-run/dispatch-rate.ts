import type { Clock } from '../clock.ts';
import { SECOND } from '../limits.ts';

/** Lets at most so many starts pass in any second. */
export class DispatchRate {
  readonly #clock: Clock;
  readonly #perSecond: number;
  /** When the latest starts were, oldest first. */
  readonly #starts: number[] = [];

  constructor(clock: Clock, perSecond: number) {
    this.#clock = clock;
    this.#perSecond = perSecond;
  }

  /** Waits until one more may start, and counts it. */
  async turn(signal: AbortSignal): Promise<void> {
    const oldest = this.#starts.length >= this.#perSecond ? this.#starts.shift() : undefined;
    if (oldest !== undefined) {
      const wait = oldest + SECOND - this.#clock.now();
      if (wait > 0) await this.#clock.sleep(wait, signal);
    }
    this.#starts.push(this.#clock.now());
  }
}
