import { type CommandName, commandNames, type Flag, flags, groups, spell } from './flags.ts';

const width = 100;
const indent = 34;

/** How each command is typed, and what it does. */
const usages: Readonly<Record<CommandName, readonly (readonly [typed: string, does: string])[]>> = {
  copy: [
    ['SRC DEST [flags]', 'copy, or bring up to date: s3://bucket[/path] both'],
    ['SRC [flags]', 'list the keys that would be looked at'],
  ],
  redrive: [['redrive EXECUTION', 'attempt again what a failed or stopped run left']],
  cleanup: [['cleanup EXECUTION', "remove a run's part files and open uploads, with --yes"]],
  status: [['status EXECUTION', 'show how far a run is']],
  policy: [['policy [flags]', 'print the policies that buckets, keys and roles need']],
  local: [['local [flags]', 'serve S3 and the Step Functions API on this machine']],
};

const usageOf = (command: CommandName): string[] =>
  usages[command].map(([typed, does]) => `  s3copy ${typed.padEnd(25)} ${does}`);

const intro = `s3copy: copies and keeps in sync S3 buckets, and accounts for every object

${commandNames.flatMap(usageOf).join('\n')}

SRC selects like cp -r: s3://b/dir is the folder (and the object) of that name, s3://b/dir/* what is
in it, s3://b/dir* all that begins so. DEST is always a folder. EXECUTION is an ARN or a name.
s3copy COMMAND --help lists the flags of a command alone.`;

const examples = `Examples
  s3copy s3://source s3://destination                      a whole bucket
  s3copy -n s3://source/photos s3://destination/backup     what would be copied
  s3copy s3://source/photos s3://destination -f a.jpg b.jpg
  s3copy s3://source s3://destination -F keys.txt          keys from a list
  s3copy s3://source s3://destination -p 2025/ 2026/0*     parts of the tree
  s3copy -t 400 --part-size 256MiB s3://source s3://destination
  s3copy --local --endpoint-url http://127.0.0.1:9000 s3://source s3://destination

Exit codes
  0  done
  1  something that should be at the destination is not, or in a dry run would not be
  2  the command line, the request, a bucket or a right is wrong: nothing was copied
  3  the run itself broke
  130  interrupted`;

/** Breaks text into lines that fit next to the names of the flags. */
function wrap(text: string): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1) as string;
    if (line !== '' && line.length + word.length + 1 > width - indent) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines;
}

/** What a flag does; one that no copy takes begins with the commands that do. */
function aboutOf({ about, commands }: Flag): string {
  const whose = commands.includes('copy') ? '' : `${commands.join(', ')}: `;
  return `${whose}${about}`;
}

function describe(flag: Flag): string {
  const name = `  ${flag.letter === undefined ? '    ' : ''}${spell(flag)}`;
  const about = wrap(aboutOf(flag));
  const lines = name.length >= indent ? [name, ...about.map(padded)] : [name.padEnd(indent) + about[0]];
  return [...lines, ...(name.length >= indent ? [] : about.slice(1).map(padded))].join('\n');
}

const padded = (line: string): string => ' '.repeat(indent) + line;

function sectionsOf(shown: readonly Flag[]): string[] {
  return groups.flatMap((group) => {
    const inGroup = shown.filter((flag) => flag.group === group);
    return inGroup.length === 0 ? [] : [[group, ...inGroup.map(describe)].join('\n')];
  });
}

/**
 * The help, from the table of flags.
 *
 * @param command of which alone it is. @default all
 */
export function help(command?: CommandName): string {
  if (command === undefined) return [intro, examples, ...sectionsOf(flags)].join('\n\n');
  const own = flags.filter(({ commands }) => commands.includes(command));
  return [usageOf(command).join('\n'), ...sectionsOf(own)].join('\n\n');
}
