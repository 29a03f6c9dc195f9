/** Everything that would move a terminal's cursor, break a line, or hide. */
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/**
 * A key as a line of text: control and invisible characters as `\u{…}`, the rest as it is.
 *
 * Not for programs to read back: `--json` has the exact key.
 */
export const printable = (text: string): string =>
  text.replace(unprintable, (char) => `\\u{${(char.codePointAt(0) as number).toString(16)}}`);

/** Characters of a key that a line for people shows: a key may have 1,024. */
const longestShown = 120;

/** A key as a line of text, a long one with `…` for its middle. */
export function shortPrintable(text: string): string {
  const chars = [...text];
  if (chars.length <= longestShown) return printable(text);
  const half = longestShown / 2;
  return `${printable(chars.slice(0, half).join(''))}…${printable(chars.slice(1 - half).join(''))}`;
}

/** A duration as text: `0.4 s`, `12 s`, `3 min 20 s`, `2 h 05 min`, `3 d 04 h`. */
export function duration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const two = (value: number) => String(value).padStart(2, '0');
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  const minutes = Math.round(whole / 60);
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
  const hours = Math.round(minutes / 60);
  return `${Math.floor(hours / 24)} d ${two(hours % 24)} h`;
}
