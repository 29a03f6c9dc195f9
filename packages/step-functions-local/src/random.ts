/** A source of numbers in [0, 1). */
export type Random = () => number;

/**
 * Creates a source of random numbers that is repeatable: equal seeds give equal numbers.
 *
 * It is Mulberry32, a public-domain generator with a state of 32 bits: good enough for delays, not for secrets.
 */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
