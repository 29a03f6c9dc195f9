import type { Catcher, Retrier } from '../definition/schema.ts';
import type { StateError } from '../errors.ts';
import type { Random } from '../random.ts';

/** Errors that wildcards never match. `States.Runtime` is not matched by its own name either. */
const notMatchedByWildcards: ReadonlySet<string> = new Set(['States.DataLimitExceeded', 'States.Runtime']);

/**
 * Whether an `ErrorEquals` matches an error.
 *
 * `States.ALL` matches any error except `States.DataLimitExceeded` and `States.Runtime`. `States.TaskFailed` matches the
 * same errors except `States.Timeout`. `States.Runtime` can be neither retried nor caught.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html (read 2026-11-22)
 */
export function matchesError(errorEquals: readonly string[], error: string): boolean {
  if (error === 'States.Runtime') return false;
  return errorEquals.some((name) => {
    if (name === error) return true;
    if (notMatchedByWildcards.has(error)) return false;
    return name === 'States.ALL' || (name === 'States.TaskFailed' && error !== 'States.Timeout');
  });
}

/** The first catcher that matches the error. */
export function findCatcher(catchers: readonly Catcher[], error: StateError): Catcher | undefined {
  return catchers.find(({ ErrorEquals }) => matchesError(ErrorEquals, error.error));
}

/** Counts the retries of one state, separately for each retrier. */
export class Retries {
  readonly #retriers: readonly Retrier[];
  readonly #random: Random;
  readonly #used = new Map<Retrier, number>();
  #total = 0;

  constructor(retriers: readonly Retrier[], random: Random) {
    this.#retriers = retriers;
    this.#random = random;
  }

  /** The number of retries so far: `$states.context.State.RetryCount`. */
  get total(): number {
    return this.#total;
  }

  /**
   * Returns the milliseconds to wait before the next retry, or undefined when there is none.
   *
   * The first retrier that matches the error decides. The wait is `IntervalSeconds × BackoffRate^n`, at most
   * `MaxDelaySeconds`. With full jitter it is a random time between 0 and that.
   */
  next(error: StateError): number | undefined {
    const retrier = this.#retriers.find(({ ErrorEquals }) => matchesError(ErrorEquals, error.error));
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
