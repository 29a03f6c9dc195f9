import type { PlanLine } from '../model/plan.ts';

/**
 * What a comparison says of a key, in rclone's symbols: `=` the same at both ends, `-` missing in the source, `+`
 * missing at the destination, `*` at both ends and different, `!` refused or unknown.
 *
 * @returns undefined for keys that filters leave out
 * @see https://rclone.org/commands/rclone_check/ (read 2026-11-22): --combined
 */
export function differenceSymbol(line: PlanLine): '=' | '-' | '+' | '*' | '!' | undefined {
  if (line.action === 'filtered') return undefined;
  if (line.action === 'same') return '=';
  if (line.action === 'extra') return '-';
  if (line.action !== 'copy' || line.reason === 'denied') return '!';
  return line.seen === undefined ? '+' : '*';
}

/** A line of the list of differences; a key with control characters, or that looks so, stands as a JSON string. */
export const differenceLine = (symbol: string, relativeKey: string): string =>
  `${symbol} ${/^"|\p{Cc}/u.test(relativeKey) ? JSON.stringify(relativeKey) : relativeKey}\n`;
