import type { Clock } from '../../src/clock.ts';

interface Sleeper {
  readonly at: number;
  readonly order: number;
  wake(): void;
}

/** After this number of event-loop turns without a new sleeper, everything waits for the clock. */
const idleTurns = 6;

/** A clock that jumps to the next sleeper as soon as everything else waits. */
export class VirtualClock implements Clock {
  #now = Date.UTC(2026, 10, 22);
  #sleepers: Sleeper[] = [];
  #order = 0;
  #turning = false;
  /** All waits so far, in milliseconds. */
  readonly slept: number[] = [];

  now(): number {
    return this.#now;
  }

  /** Advances the time without waking a sleeper. */
  skip(millis: number): void {
    this.#now += millis;
  }

  sleep(millis: number, signal?: AbortSignal): Promise<void> {
    this.slept.push(millis);
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const sleeper: Sleeper = { at: this.#now + millis, order: this.#order++, wake: resolve };
      this.#sleepers.push(sleeper);
      signal?.addEventListener('abort', () => {
        this.#sleepers = this.#sleepers.filter((each) => each !== sleeper);
        reject(signal.reason);
      });
      this.#turn();
    });
  }

  #turn(): void {
    if (this.#turning) return;
    this.#turning = true;
    let idle = 0;
    let seen = this.#order;
    const turn = () => {
      idle = seen === this.#order ? idle + 1 : 0;
      seen = this.#order;
      if (idle >= idleTurns) {
        idle = 0;
        this.#wakeNext();
      }
      if (this.#sleepers.length > 0) setImmediate(turn);
      else this.#turning = false;
    };
    setImmediate(turn);
  }

  #wakeNext(): void {
    const next = this.#sleepers.toSorted((a, b) => a.at - b.at || a.order - b.order)[0];
    if (!next) return;
    this.#sleepers = this.#sleepers.filter((each) => each !== next);
    this.#now = Math.max(this.#now, next.at);
    next.wake();
  }
}
