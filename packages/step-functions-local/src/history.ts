import type { Clock } from './clock.ts';
import { HistoryLimitError } from './errors.ts';
import type { JsonObject } from './json.ts';
import { Quotas } from './limits.ts';
import type { Store } from './store/store.ts';

/**
 * The history of one execution, as GetExecutionHistory shows it.
 *
 * Event 25,000 is reserved for the end of the execution.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html (read 2026-11-22)
 */
export class History {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #execution: number;
  #count: number;

  constructor(store: Store, clock: Clock, execution: number) {
    this.#store = store;
    this.#clock = clock;
    this.#execution = execution;
    this.#count = store.events.count(execution);
  }

  /** The number of events so far, which is also the id of the last one. */
  get count(): number {
    return this.#count;
  }

  /**
   * Adds an event and returns its id.
   *
   * @throws {HistoryLimitError} when only the event that ends the execution still fits
   */
  record(type: string, previous: number, details?: JsonObject): number {
    if (this.#count >= Quotas.historyEvents - 1 && !endEvents.has(type)) {
      throw new HistoryLimitError(
        `The execution reached the maximum number of history events (${Quotas.historyEvents}).`,
      );
    }
    const id = this.#count + 1;
    this.#store.events.insert(this.#execution, {
      id,
      previous_id: previous,
      timestamp: this.#clock.now(),
      type,
      details: details === undefined ? null : JSON.stringify(details),
    });
    this.#count = id;
    return id;
  }
}

const endEvents: ReadonlySet<string> = new Set([
  'ExecutionSucceeded',
  'ExecutionFailed',
  'ExecutionAborted',
  'ExecutionTimedOut',
]);

/** The name of the field with the details of an event, such as `stateEnteredEventDetails`. */
export function detailsKey(type: string): string {
  const kind = type.replace(/^[A-Z][a-z]+State(Entered|Exited)$/, 'State$1');
  return `${kind.charAt(0).toLowerCase()}${kind.slice(1)}EventDetails`;
}
