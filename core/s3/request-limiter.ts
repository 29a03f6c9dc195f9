import { setTimeout as sleep } from 'node:timers/promises';
import { type LimitState, slowDown, speedUp, startLimit } from '../rules/request-limit.ts';
import { type RetryPolicy, requestRetry, waitBefore } from '../rules/retry.ts';
import { isThrottle, S3Error } from './failures.ts';

/**
 * Sends the requests of one worker: as many in flight as the pace allows, each repeated while its failure may
 * pass. What a repeated write finds of its own first attempt is the caller's to know.
 */
export class RequestLimiter {
  readonly #policy: RetryPolicy;
  readonly #waiting: (() => void)[] = [];
  #pace: LimitState;
  #inFlight = 0;

  /**
   * @param ceiling requests in flight at most
   */
  constructor(ceiling: number, policy: RetryPolicy = requestRetry) {
    this.#pace = startLimit(ceiling);
    this.#policy = policy;
  }

  /**
   * Sends a request when there is room for it, and again while it fails for a passing reason.
   *
   * @param send called with the number of the attempt, from 1
   * @throws {S3Error} the last one
   */
  async send<T>(send: (attempt: number) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#sendOnce(() => send(attempt));
      } catch (error) {
        const mayPass = error instanceof S3Error && error.passing;
        if (!mayPass || attempt >= this.#policy.attempts) throw error;
        await sleep(waitBefore(this.#policy, attempt, Math.random()));
      }
    }
  }

  async #sendOnce<T>(send: () => Promise<T>): Promise<T> {
    await this.#enter();
    try {
      const answer = await send();
      this.#pace = speedUp(this.#pace);
      return answer;
    } catch (error) {
      if (isThrottle(error)) this.#pace = slowDown(this.#pace, Date.now());
      throw error;
    } finally {
      this.#leave();
    }
  }

  async #enter(): Promise<void> {
    while (this.#inFlight >= Math.floor(this.#pace.allowed)) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#inFlight += 1;
  }

  #leave(): void {
    this.#inFlight -= 1;
    for (let room = Math.floor(this.#pace.allowed) - this.#inFlight; room > 0; room -= 1) {
      this.#waiting.shift()?.();
    }
  }
}
