import { type Flag, flags } from './flags.ts';

/** What a command line has words for instead of flags. */
const words: Readonly<Record<string, string>> = { src: 'SRC', dest: 'DEST' };

/** A field in backticks, with a value or without: the form in which notes and errors of a run name what to set. */
const named = /`([a-z]\w*(?:\.\w+)*)(?:: ([^`]+))?`/g;

/** Names what a run's text advises as it is typed: `--no-keep-parts` instead of `keepParts: false`. */
export const inFlags = (text: string): string =>
  text.replace(named, (whole, field: string, value: string | undefined) => {
    const flag = flags.find((known) => known.field === field);
    if (flag !== undefined) return spelled(flag, value);
    const inner = flags.filter((known) => known.field?.startsWith(`${field}.`) === true);
    return inner.length === 0 ? (words[field] ?? whole) : inner.map(({ name }) => `--${name}`).join(' or ');
  });

function spelled({ name, takes }: Flag, value: string | undefined): string {
  if (takes === 'nothing') return value === 'false' ? `--no-${name}` : `--${name}`;
  return value === undefined
    ? `--${name}`
    : `--${name} ${value.replaceAll(/[[\]"]/g, '').replaceAll(/, ?/g, ' ')}`;
}
