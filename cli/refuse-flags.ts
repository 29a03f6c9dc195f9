import type { Arguments } from './arguments.ts';
import { type CommandName, type Flag, flags } from './flags.ts';
import { UsageError } from './usage-error.ts';

/** Why a command has no use for the flags of a request. */
const whyNoRequest: Readonly<Record<Exclude<CommandName, 'copy' | 'policy'>, string>> = {
  redrive:
    'a redrive continues with the request that the run was started with; to change it, start a new run',
  cleanup: 'a cleanup takes the request from the run itself',
  status: 'status only shows a run, as it was started',
  local: 'local only serves; requests belong to the runs that are started there',
};

/** Commands as they are typed. */
const typedCommand = (command: CommandName): string =>
  command === 'copy' ? 's3copy SRC DEST' : `s3copy ${command}`;

/**
 * Refuses flags that mean nothing for a command. To ignore one would be wrong: `--dry-run` is given in trust.
 *
 * @throws {UsageError} that says why, and where the flag belongs
 */
export function refuseForeignFlags({ given, typed }: Arguments, command: CommandName): void {
  for (const flag of flags) {
    if (!given.has(flag.name)) continue;
    const as = typed.get(flag.name) ?? `--${flag.name}`;
    if (!flag.commands.includes(command)) throw new UsageError(foreignText(flag, as, command));
    if (command !== 'local') refuseElsewhere(flag, as, given.get('local') === true);
  }
}

function foreignText({ field, name, commands }: Flag, as: string, command: CommandName): string {
  const owners = commands.map(typedCommand).join(', ');
  return `${as} does not belong to ${typedCommand(command)}${whyOf(name, field, command)}. It belongs to ${owners}`;
}

function whyOf(name: string, field: string | undefined, command: CommandName): string {
  if (command === 'copy')
    return name === 'source' || name === 'destination' ? ', where both are words without a flag' : '';
  if (command === 'policy') return '';
  if (name === 'name' && command !== 'local') return ', where the name is a word without a flag';
  // `-t` stands for two fields.
  return field === undefined && name !== 'threads' ? '' : `: ${whyNoRequest[command]}`;
}

function refuseElsewhere({ where }: Flag, as: string, isLocal: boolean): void {
  if (where === 'here' && !isLocal) throw new UsageError(`${as} needs --local: nothing else runs here`);
  if (where === 'aws' && isLocal) {
    throw new UsageError(`${as} cannot be combined with --local, which runs a state machine of its own`);
  }
}
