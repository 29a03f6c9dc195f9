import { describe, expect, it } from 'vitest';
import { parseArguments } from '../../cli/arguments.ts';
import { commandNames, flags } from '../../cli/flags.ts';
import { refuseForeignFlags } from '../../cli/refuse-flags.ts';

/** Each command with each flag, as it is typed with what else the flag needs. */
const pairs = commandNames.flatMap((command) =>
  flags.map((flag) => {
    const value = flag.takes === 'nothing' ? [] : ['x'];
    const isHere = flag.where === 'here' && command !== 'local' && flag.commands.includes(command);
    return {
      command,
      flag,
      name: flag.name,
      line: [`--${flag.name}`, ...value, ...(isHere ? ['--local'] : [])],
    };
  }),
);

const refusal = (line: readonly string[], command: (typeof commandNames)[number]): string | undefined => {
  try {
    refuseForeignFlags(parseArguments(line), command);
    return undefined;
  } catch (error) {
    expect(error).toMatchObject({ name: 'UsageError' });
    return (error as Error).message;
  }
};

describe('flags and commands', () => {
  it.each(pairs.filter(({ command, flag }) => flag.commands.includes(command)))(
    '$command takes --$name',
    ({ command, line }) => {
      expect(refusal(line, command)).toBeUndefined();
    },
  );

  it.each(pairs.filter(({ command, flag }) => !flag.commands.includes(command)))(
    '$command refuses --$name, and says where it belongs',
    ({ command, flag, line }) => {
      const where = flag.commands[0] === 'copy' ? 's3copy SRC DEST' : `s3copy ${flag.commands[0]}`;
      const said = refusal(line, command);

      expect(said).toMatch(new RegExp(`^--${flag.name} does not belong to s3copy `));
      expect(said).toContain(`It belongs to ${where}`);
    },
  );

  it.each([
    { command: 'redrive', line: ['-n'], says: '-n does not belong to s3copy redrive: a redrive continues' },
    { command: 'redrive', line: ['--max-objects=1'], says: 'continues with the request that the run was' },
    { command: 'redrive', line: ['-t', '9'], says: '-t does not belong to s3copy redrive: a redrive' },
    { command: 'status', line: ['--no-delete'], says: '--no-delete does not belong to s3copy status: ' },
    { command: 'status', line: ['--name', 'x'], says: 'where the name is a word without a flag' },
    { command: 'copy', line: ['--source', 'a'], says: 'where both are words without a flag' },
    { command: 'copy', line: ['--yes'], says: 'to s3copy SRC DEST. It belongs to s3copy cleanup' },
    { command: 'copy', line: ['--data', 'd'], says: '--data needs --local' },
    { command: 'status', line: ['--local', '--work-bucket', 'b'], says: 'cannot be combined with --local' },
  ] as const)('$command refuses $line with the reason', ({ command, line, says }) => {
    expect(refusal(line, command)).toContain(says);
  });
});
