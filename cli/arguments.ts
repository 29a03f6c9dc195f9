import { type Flag, flags } from './flags.ts';
import { nearest } from './suggest.ts';
import { UsageError } from './usage-error.ts';

/** A command line, taken apart. */
export interface Arguments {
  /** Words that belong to no flag. */
  readonly words: readonly string[];
  /** What was given, by the flag's long name. */
  readonly given: ReadonlyMap<string, FlagValue>;
  /** How each of these was typed, such as `-n`. */
  readonly typed: ReadonlyMap<string, string>;
}

/** A switch is on or off; the others have their text. */
export type FlagValue = boolean | string | readonly string[];

const isFlag = (word: string): boolean => word.length > 1 && word.startsWith('-');

/** A flag as typed: which one, whether negated, and the text that came with it. */
interface Typed {
  readonly flag: Flag;
  readonly as: string;
  readonly negated: boolean;
  readonly attached: string | undefined;
}

/**
 * Parses a command line by the table of flags.
 *
 * @param argv the words after the program's name
 * @throws {UsageError} for an unknown flag, with the one that was probably meant, or one without its value
 */
export function parseArguments(argv: readonly string[]): Arguments {
  const words: string[] = [];
  const given = new Map<string, FlagValue>();
  const typedAs = new Map<string, string>();
  for (let at = 0; at < argv.length; at += 1) {
    const word = argv[at] as string;
    if (word === '--') {
      words.push(...argv.slice(at + 1));
      break;
    }
    if (!isFlag(word)) {
      words.push(word);
      continue;
    }
    const typed = recognize(word);
    const taken = takeWords(typed, argv.slice(at + 1));
    set(given, typed, taken);
    typedAs.set(typed.flag.name, typed.as);
    at += typed.attached === undefined ? taken.length : 0;
  }
  return { words, given, typed: typedAs };
}

function recognize(word: string): Typed {
  if (!word.startsWith('--')) return recognizeLetter(word);
  const equals = word.indexOf('=');
  const name = equals === -1 ? word.slice(2) : word.slice(2, equals);
  const attached = equals === -1 ? undefined : word.slice(equals + 1);
  const flag = flags.find((known) => known.name === name);
  if (flag !== undefined) return { flag, as: `--${name}`, negated: false, attached };
  const opposite = flags.find((known) => `no-${known.name}` === name && known.field !== undefined);
  if (opposite?.takes === 'nothing') return { flag: opposite, as: `--${name}`, negated: true, attached };
  throw unknown(`--${name}`, nearestName(name));
}

function recognizeLetter(word: string): Typed {
  const letter = word.slice(1, 2);
  const flag = flags.find((known) => known.letter === letter);
  if (flag === undefined) throw unknown(word, nearestName(word.slice(1)));
  const rest = word.slice(2).replace(/^=/, '');
  return { flag, as: `-${letter}`, negated: false, attached: rest === '' ? undefined : rest };
}

const nearestName = (name: string): string | undefined =>
  nearest(
    name,
    flags.map((flag) => flag.name),
  );

const unknown = (word: string, meant: string | undefined): UsageError =>
  new UsageError(
    `unknown flag ${word}: ${meant === undefined ? 'see s3copy --help' : `did you mean --${meant}?`}`,
  );

/** The words that belong to a flag. */
function takeWords({ flag, as, attached }: Typed, following: readonly string[]): readonly string[] {
  if (flag.takes === 'nothing') {
    if (attached === undefined) return [];
    throw new UsageError(`${as} takes no value: leave ${JSON.stringify(attached)} out`);
  }
  if (attached !== undefined) return [attached];
  const end =
    flag.takes === 'word'
      ? 1
      : following.findIndex((word, index) => isFlag(word) || (index > 0 && word.startsWith('s3://')));
  const taken = following.slice(0, end === -1 ? undefined : end);
  const first = taken[0];
  if (first === undefined || isFlag(first) || (flag.takes === 'words' && first.startsWith('s3://'))) {
    const advice = `one that begins with a dash is typed ${flag.letter === undefined ? '' : `-${flag.letter}… or `}--${flag.name}=…`;
    throw new UsageError(`${as} needs a value (${flag.word}); ${advice}`);
  }
  return taken;
}

function set(given: Map<string, FlagValue>, { flag, negated }: Typed, taken: readonly string[]): void {
  if (flag.takes === 'nothing') given.set(flag.name, !negated);
  else if (flag.takes === 'word') given.set(flag.name, taken[0] as string);
  else given.set(flag.name, [...((given.get(flag.name) as readonly string[] | undefined) ?? []), ...taken]);
}
