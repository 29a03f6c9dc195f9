import type { Clock } from './clock.ts';
import { HistoryLimitError } from './errors.ts';
import type { JsonObject } from './json.ts';
import { Quotas } from './limits.ts';
import type { Store } from './store/store.ts';

/**
 * The history of one execution, as GetExecutionHistory shows it.
 *
 * Event 24,999 is the last that may be anything: the 25,000th must be the end of the execution.
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

  /** Events so far, which is also the id of the last. */
  get count(): number {
    return this.#count;
  }

  /**
   * Adds an event and returns its id.
   *
   * @throws {HistoryLimitError} when only the end of the execution still fits
   */
  record(type: string, previous: number, details?: JsonObject): number {
    if (this.#count >= Quotas.historyEvents - 1 && !ENDS.has(type)) {
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

const ENDS: ReadonlySet<string> = new Set([
  'ExecutionSucceeded',
  'ExecutionFailed',
  'ExecutionAborted',
  'ExecutionTimedOut',
]);

/** The key under which an event of this type carries its details, as in `stateEnteredEventDetails`. */
export function detailsKey(type: string): string {
  const kind = type.replace(/^[A-Z][a-z]+State(Entered|Exited)$/, 'State$1');
  return `${kind.charAt(0).toLowerCase()}${kind.slice(1)}EventDetails`;
}
