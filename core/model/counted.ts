/** Whole numbers with separators, as in `12,345`. */
export const grouped = (value: number): string => value.toLocaleString('en-US');

/**
 * A number of things: `1 object`, `12 objects`.
 *
 * @param things the plural, where it is not made with an s
 */
export const counted = (value: number, thing: string, things = `${thing}s`): string =>
  `${grouped(value)} ${value === 1 ? thing : things}`;
