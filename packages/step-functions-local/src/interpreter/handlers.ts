import type { Catcher, Retrier } from '../definition/schema.ts';
import type { StateError } from '../errors.ts';
import type { Random } from '../random.ts';

/** Errors that wildcards never match; `States.Runtime` is not matched by its own name either. */
const NOT_BY_WILDCARD: ReadonlySet<string> = new Set(['States.DataLimitExceeded', 'States.Runtime']);

/**
 * Whether an `ErrorEquals` names an error.
 *
 * `States.ALL` is any error but `States.DataLimitExceeded` and `States.Runtime`; `States.TaskFailed` is
 * any of those but `States.Timeout`; `States.Runtime` can be neither retried nor caught.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html (read 2026-11-22)
 */
export function matches(errorEquals: readonly string[], error: string): boolean {
  if (error === 'States.Runtime') return false;
  return errorEquals.some((name) => {
    if (name === error) return true;
    if (NOT_BY_WILDCARD.has(error)) return false;
    return name === 'States.ALL' || (name === 'States.TaskFailed' && error !== 'States.Timeout');
  });
}

/** The first catcher that names the error. */
export function findCatcher(catchers: readonly Catcher[], error: StateError): Catcher | undefined {
  return catchers.find(({ ErrorEquals }) => matches(ErrorEquals, error.error));
}

/** Counts the retries of one state, each retrier by itself. */
export class Retries {
  readonly #retriers: readonly Retrier[];
  readonly #random: Random;
  readonly #used = new Map<Retrier, number>();
  #total = 0;

  constructor(retriers: readonly Retrier[], random: Random) {
    this.#retriers = retriers;
    this.#random = random;
  }

  /** Retries so far: `$states.context.State.RetryCount`. */
  get total(): number {
    return this.#total;
  }

  /**
   * Milliseconds to wait before the state is tried again, or undefined when it is not.
   *
   * The first retrier that names the error decides. The wait is `IntervalSeconds × BackoffRate^n`, at
   * most `MaxDelaySeconds`; with full jitter any time from none to that.
   */
  next(error: StateError): number | undefined {
    const retrier = this.#retriers.find(({ ErrorEquals }) => matches(ErrorEquals, error.error));
    if (!retrier) return undefined;
    const used = this.#used.get(retrier) ?? 0;
    if (used >= retrier.MaxAttempts) return undefined;
    this.#used.set(retrier, used + 1);
    this.#total += 1;
    const backoff = retrier.IntervalSeconds * retrier.BackoffRate ** used;
    const seconds = Math.min(backoff, retrier.MaxDelaySeconds ?? Number.POSITIVE_INFINITY);
    return 1_000 * (retrier.JitterStrategy === 'FULL' ? seconds * this.#random() : seconds);
  }
}
