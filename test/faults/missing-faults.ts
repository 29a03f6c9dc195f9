import type { Counts } from './fault-counter.ts';

/**
 * With this number of seeds every kind of fault must happen. With fewer seeds some may not: a fault for the third call of
 * a function needs a third call.
 */
const enoughSeeds = 100;

/** The kinds of faults, and patterns for the names under which they are counted. */
const kinds: Readonly<Record<string, RegExp>> = {
  latency: /^latency$/,
  'SlowDown above a rate per folder': /^SlowDown above a rate per folder$/,
  '500 or 503': /^(InternalError|ServiceUnavailable) (before|after)/,
  'a burst of 500 or 503': / in a burst$/,
  'an error inside a 200': / inside a 200 /,
  'a reset before the effect': /^reset before/,
  'a reset after the effect': /^reset after/,
  'a truncated response to a read': /^truncate$/,
  'a truncated response to a copy': /^truncate copies$/,
  'a short page': /^short-page$/,
  'an object that must not be read': /^deny s3:GetObject /,
  'an object that must not be written': /^deny s3:PutObject /,
  'a source that vanishes': /^vanish /,
  'a source that changes': /^change /,
  'a source that is archived': /^archive /,
  'a destination that another client writes': /^foreign /,
  'a function that dies before its work': /^die-before /,
  'a function that dies during its work': /^die-during /,
  'a function that dies after its work': /^die-after /,
  'a function that times out': /^time-out /,
  'a function that runs twice': /^twice /,
  'a throttled function': /^throttle /,
  'a kill': /^kill$/,
};

/** Finds kinds of faults that should have happened with this number of seeds. A fault that never happens proves nothing. */
export function findMissingFaults(fired: Counts, seeds: number): string[] {
  if (seeds < enoughSeeds) return [];
  const names = Object.keys(fired);
  return Object.entries(kinds)
    .filter(([, begins]) => !names.some((name) => begins.test(name)))
    .map(([kind]) => `this fault never happened in ${seeds} seeds: ${kind}`);
}
