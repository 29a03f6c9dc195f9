import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Arguments, parseArguments } from './arguments.ts';
import type { Ended } from './events.ts';
import { ExitCode } from './exit-codes.ts';
import { explainError } from './explain-error.ts';
import { type CommandName, commandNames } from './flags.ts';
import { help } from './help.ts';
import type { Output } from './output.ts';
import { refuseForeignFlags } from './refuse-flags.ts';
import { nearest } from './suggest.ts';
import { UsageError } from './usage-error.ts';

type Command = (args: Arguments, output: Output, signal: AbortSignal) => Promise<number>;

/** Loaded when asked for: the help needs no SDK. */
const load: Readonly<Record<CommandName, () => Promise<Command>>> = {
  copy: async () => (await import('./commands/copy.ts')).copy,
  local: async () => (await import('./commands/local.ts')).serve,
  redrive: async () => (await import('./commands/redrive.ts')).redrive,
  cleanup: async () => (await import('./commands/cleanup.ts')).cleanup,
  policy: async () => (await import('./commands/policy.ts')).policy,
  status: async () => (await import('./commands/status.ts')).status,
};

/** Commands that a first word names. */
const named = commandNames.filter((name) => name !== 'copy');

/**
 * Runs a command line.
 *
 * @param argv the words after the program's name
 * @param signal aborted when the user interrupts
 * @returns the exit code
 */
export async function main(argv: readonly string[], output: Output, signal: AbortSignal): Promise<number> {
  try {
    const args = parseArguments(argv);
    const [word = '', ...others] = args.words;
    const command = named.find((name) => name === word);
    if (args.given.get('help') === true) return say(output, help(command));
    if (args.given.get('version') === true) return say(output, version());
    if (command === undefined) refuseCommand(word);
    refuseForeignFlags(args, command ?? 'copy');
    const words = command === undefined ? args.words : others;
    return await (await load[command ?? 'copy']())({ ...args, words }, output, signal);
  } catch (error) {
    return explain(error, wantsJson(argv), output, signal);
  }
}

/** Known also of a command line that cannot be taken apart. */
const wantsJson = (argv: readonly string[]): boolean => {
  const end = argv.indexOf('--');
  return argv.slice(0, end === -1 ? undefined : end).includes('--json');
};

const say = (output: Output, text: string): number => {
  output.line(text);
  return ExitCode.done;
};

const version = (): string => {
  const text = readFileSync(join(import.meta.dirname, '..', 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
};

/** First words that other programs take, and what is typed here instead. */
const habits: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ['sync', 'cp', 'copy', 'mirror'].map((word) => [
      word,
      `s3copy SRC DEST copies, and brings up to date: leave ${JSON.stringify(word)} out`,
    ]),
  ),
  ...Object.fromEntries(
    ['ls', 'list'].map((word) => [word, `s3copy SRC lists: leave ${JSON.stringify(word)} out`]),
  ),
  help: 'type s3copy --help',
  version: 'type s3copy --version',
};

/** A word that is nearly a command, or a command elsewhere, is not taken for a source. */
function refuseCommand(word: string): void {
  if (word === '' || word.startsWith('s3:')) return;
  const habit = Object.hasOwn(habits, word) ? habits[word] : undefined;
  const meant = nearest(word, named);
  if (habit === undefined && meant === undefined) return;
  throw new UsageError(`unknown command ${JSON.stringify(word)}: ${habit ?? `did you mean ${meant}?`}`);
}

function explain(error: unknown, isJson: boolean, output: Output, signal: AbortSignal): number {
  const { name, message } = error as Error;
  const exitCode = signal.aborted ? ExitCode.interrupted : ExitCode.wrong;
  const text = signal.aborted ? (name === 'Interrupted' ? message : 'interrupted') : explainError(error);
  if (isJson) output.line(JSON.stringify({ event: 'ended', ...endedBy(error, text, exitCode) }));
  output.note(signal.aborted ? text : `s3copy: ${text}`);
  return exitCode;
}

/** How a command line ends that has no end of an execution to show; `REFUSED` when it has begun none. */
function endedBy(error: unknown, message: string, exitCode: number): Partial<Ended> {
  const { name } = error as Error;
  const execution =
    error instanceof Error && 'executionArn' in error
      ? { executionArn: String(error.executionArn), status: String((error as { status?: unknown }).status) }
      : { status: 'REFUSED' };
  return { ...execution, error: name, message, exitCode, mayRedrive: false, failures: [] };
}
