import type { Progress } from './events.ts';
import type { Output } from './output.ts';
import { PaceMeter } from './pace.ts';
import { progressText } from './progress-text.ts';

/** Shows how far a run is. */
export interface ProgressView {
  show(progress: Progress): void;
  /** Nothing more follows, or something else is to be written. */
  end(): void;
}

/** Shows nothing. */
export const noProgress: ProgressView = { show: () => undefined, end: () => undefined };

/** A line of a terminal that is drawn over and over. */
export class ProgressBar implements ProgressView {
  readonly #output: Output;
  readonly #pace: PaceMeter;
  #isDrawn = false;

  constructor(output: Output, now?: () => number) {
    this.#output = output;
    this.#pace = new PaceMeter(now);
  }

  show(progress: Progress): void {
    const text = progressText(progress, this.#pace.measure(progress), this.#output.columns());
    this.#output.raw(`\r\u001b[K${text}`);
    this.#isDrawn = true;
  }

  end(): void {
    if (this.#isDrawn) this.#output.raw('\n');
    this.#isDrawn = false;
  }
}

/** Milliseconds between two lines, in the first minute and after it. */
const pauses = { first: 5_000, later: 30_000 };
const firstMinute = 60_000;

/** Lines for where there is no terminal: one for each phase, and few in a long one. */
export class ProgressLines implements ProgressView {
  readonly #output: Output;
  readonly #pace: PaceMeter;
  readonly #now: () => number;
  readonly #began: number;
  #phase: Progress['phase'] | undefined;
  #last = 0;

  constructor(output: Output, now: () => number = () => performance.now()) {
    this.#output = output;
    this.#pace = new PaceMeter(now);
    this.#now = now;
    this.#began = now();
  }

  show(progress: Progress): void {
    const pace = this.#pace.measure(progress);
    const at = this.#now();
    const pause = at - this.#began < firstMinute ? pauses.first : pauses.later;
    if (progress.phase === this.#phase && at - this.#last < pause) return;
    this.#phase = progress.phase;
    this.#last = at;
    if (progress.phase !== 'preparing') this.#output.note(progressText(progress, pace));
  }

  end(): void {
    this.#phase = undefined;
  }
}
