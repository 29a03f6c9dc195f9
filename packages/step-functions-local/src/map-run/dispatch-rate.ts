import type { Clock } from '../clock.ts';
import { millisPerSecond } from '../limits.ts';

/** Limits the starts to a number per second. */
export class DispatchRate {
  readonly #clock: Clock;
  readonly #perSecond: number;
  /** The times of the latest starts, oldest first. */
  readonly #starts: number[] = [];

  constructor(clock: Clock, perSecond: number) {
    this.#clock = clock;
    this.#perSecond = perSecond;
  }

  /** Waits until another start is allowed, and counts it. */
  async waitForTurn(signal: AbortSignal): Promise<void> {
    const oldest = this.#starts.length >= this.#perSecond ? this.#starts.shift() : undefined;
    if (oldest !== undefined) {
      const wait = oldest + millisPerSecond - this.#clock.now();
      if (wait > 0) await this.#clock.sleep(wait, signal);
    }
    this.#starts.push(this.#clock.now());
  }
}
