import { appendFileSync } from 'node:fs';
import type { Progress, RunEvent, View } from './events.ts';
import { failureTexts } from './failure-texts.ts';
import { inFlags } from './in-flags.ts';
import type { Output } from './output.ts';
import { type Ends, planText } from './plan-text.ts';
import { printable } from './printable.ts';
import type { ProgressView } from './progress-view.ts';
import { summary } from './summary.ts';
import { UsageError } from './usage-error.ts';

/** Milliseconds between two events of progress that are alike. */
const progressPause = 1_000;

/** Lets through the first look of each phase, and not more than one a second after it. */
class Pauses {
  #phase: Progress['phase'] | undefined;
  #at = 0;

  isDue({ phase }: Progress): boolean {
    const now = performance.now();
    if (phase === this.#phase && now - this.#at < progressPause) return false;
    this.#phase = phase;
    this.#at = now;
    return true;
  }
}

/** One JSON object per line, on standard output. */
export class JsonView implements View {
  readonly #output: Output;
  readonly #withProgress: boolean;
  readonly #pauses = new Pauses();

  constructor(output: Output, withProgress: boolean) {
    this.#output = output;
    this.#withProgress = withProgress;
  }

  show(event: RunEvent): void {
    if (event.event === 'progress' && !(this.#withProgress && this.#pauses.isDue(event))) return;
    this.#output.line(JSON.stringify(event));
  }
}

/** Appends what happens to a file, as JSON lines with the time of each; not every object of a plan. */
export class LogView implements View {
  readonly #file: string;
  readonly #pauses = new Pauses();

  /**
   * @throws {UsageError} when the file cannot be written
   */
  constructor(file: string) {
    this.#file = file;
    try {
      appendFileSync(file, '');
    } catch (error) {
      throw new UsageError(`-L: cannot append to ${JSON.stringify(file)}: ${(error as Error).message}`);
    }
  }

  show(event: RunEvent): void {
    if (event.event === 'planned' || (event.event === 'progress' && !this.#pauses.isDue(event))) return;
    appendFileSync(this.#file, `${JSON.stringify({ timestamp: new Date().toISOString(), ...event })}\n`);
  }
}

/** Lines and a bar for a person: results on standard output, the rest on standard error. */
export class TextView implements View {
  readonly #output: Output;
  readonly #progress: ProgressView;
  readonly #ends: Ends | undefined;

  /**
   * @param ends buckets of the run, to write out what a dry run would do
   */
  constructor(output: Output, progress: ProgressView, ends?: Ends) {
    this.#output = output;
    this.#progress = progress;
    this.#ends = ends;
  }

  show(event: RunEvent): void {
    if (event.event === 'progress') {
      this.#progress.show(event);
      return;
    }
    this.#progress.end();
    if (event.event === 'started') this.#output.note(`run ${event.run}`);
    if (event.event === 'redriven') this.#output.note(`run ${event.run} continues`);
    if (event.event === 'planned') this.#planned(event);
    if (event.event === 'ended') this.#ended(event);
  }

  #planned(event: RunEvent & { event: 'planned' }): void {
    const text = this.#ends === undefined ? undefined : planText(event, this.#ends);
    if (text !== undefined) this.#output.line(text);
  }

  #ended(ended: RunEvent & { event: 'ended' }): void {
    const { report, status, error, message } = ended;
    if (report !== undefined) {
      const isList = report.destination === undefined;
      for (const text of summary(report)) isList ? this.#output.note(text) : this.#output.line(text);
      if (error !== undefined) for (const text of failureTexts(report)) this.#output.note(text);
    } else {
      this.#output.note(
        `s3copy: ${error ?? status}${message === undefined ? '' : `: ${inFlags(printable(message))}`}`,
      );
    }
  }
}

/** Shows events in several ways. */
export const together = (views: readonly View[]): View => ({
  show: (event) => {
    for (const view of views) view.show(event);
  },
});
