import type { Counts } from './fired.ts';

/**
 * From so many seeds on every kind of fault must have happened. A fault that is drawn for the third call of a function
 * happens only if there is one, so that some twenty seeds may do without it.
 */
const enoughSeeds = 100;

/** Kinds of faults, by how the names of those that have happened begin. */
const kinds: Readonly<Record<string, RegExp>> = {
  latency: /^latency$/,
  'SlowDown above a rate per folder': /^SlowDown above a rate per folder$/,
  '500 or 503': /^(InternalError|ServiceUnavailable) (before|after)/,
  'a burst of 500 or 503': / in a burst$/,
  'an error inside a 200': / inside a 200 /,
  'a reset before the effect': /^reset before/,
  'a reset after the effect': /^reset after/,
  'a truncated answer to a read': /^truncate$/,
  'a truncated answer to a copy': /^truncate copies$/,
  'a short page': /^short-page$/,
  'an object that may not be read': /^deny s3:GetObject /,
  'an object that may not be written': /^deny s3:PutObject /,
  'a source that vanishes': /^vanish /,
  'a source that changes': /^change /,
  'a source that is archived': /^archive /,
  'a destination that somebody else writes': /^foreign /,
  'a function that dies before its effects': /^die-before /,
  'a function that dies during them': /^die-during /,
  'a function that dies after them': /^die-after /,
  'a function that times out': /^time-out /,
  'a function that runs twice': /^twice /,
  'a throttled function': /^throttle /,
  'a kill': /^kill$/,
};

/** Kinds of faults that so many seeds should have met, and have not: what never happens proves nothing. */
export function neverHappened(fired: Counts, seeds: number): string[] {
  if (seeds < enoughSeeds) return [];
  const names = Object.keys(fired);
  return Object.entries(kinds)
    .filter(([, begins]) => !names.some((name) => begins.test(name)))
    .map(([kind]) => `never happened in ${seeds} seeds: ${kind}`);
}
