/** How many requests a worker may have in flight, by additive increase and multiplicative decrease. */
export interface LimitState {
  /** Requests in flight now allowed; not whole while it grows. */
  readonly allowed: number;
  /** Never above this. */
  readonly ceiling: number;
  /** Milliseconds since 1970 of the last decrease. */
  readonly slowedAt: number;
}

/** Refusals that arrive together are one event. */
const oneEventMillis = 1_000;

/** The pace of a worker that begins. */
export const startLimit = (ceiling: number): LimitState => ({ allowed: ceiling, ceiling, slowedAt: 0 });

/** After a success: about one more for each round of requests. */
export const speedUp = (pace: LimitState): LimitState =>
  pace.allowed >= pace.ceiling
    ? pace
    : { ...pace, allowed: Math.min(pace.ceiling, pace.allowed + 1 / pace.allowed) };

/** After S3 asked for fewer requests: half, once for all refusals of the same second. */
export const slowDown = (pace: LimitState, now: number): LimitState =>
  now - pace.slowedAt < oneEventMillis
    ? pace
    : { ...pace, allowed: Math.max(1, pace.allowed / 2), slowedAt: now };
