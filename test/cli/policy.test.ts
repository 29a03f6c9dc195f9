import { describe, expect, it } from 'vitest';
import { main } from '../../cli/main.ts';
import type { Policy } from '../../core/access/policies.ts';

async function run(...argv: string[]): Promise<{ code: number; lines: string[]; notes: string[] }> {
  const [lines, notes]: [string[], string[]] = [[], []];
  const output = {
    line: (text: string) => void lines.push(text),
    note: (text: string) => void notes.push(text),
  };
  const code = await main(['policy', ...argv], output as never, new AbortController().signal);
  return { code, lines, notes };
}

const ends = ['--source', 's3://source/folder-001', '--destination', 'destination'];

describe('s3copy policy', () => {
  it('prints each policy with a heading, as JSON to copy', async () => {
    const { code, lines } = await run(...ends, '--source-account', '111111111111');
    expect(code).toBe(0);
    expect(lines.filter((line) => line.startsWith('# ')).length).toBeGreaterThan(0);
    expect(JSON.parse(lines[1] as string)).toMatchObject({ Version: '2012-10-17' });
  });

  it('prints one line with --json, for both accounts, roles and keys', async () => {
    const role = 'arn:aws:iam::222222222222:role/copier';
    const { code, lines } = await run(
      ...[...ends, '--json', '--source-account', '111111111111', '--destination-account', '222222222222'],
      ...['-c', role, '--kms', 'arn:aws:kms:eu-west-1:111111111111:key/1', '--delete'],
    );
    expect(code).toBe(0);
    const titles = (JSON.parse(lines[0] as string) as Policy[]).map(({ title }) => title);
    expect(titles).toEqual([
      `permissions of role ${role} (roles.copy), in account 222222222222`,
      `trust policy of role ${role}`,
      `permissions of the functions of s3copy, in account 222222222222 (deployed by -c roles=${role})`,
      'bucket policy of source, in account 111111111111',
      'key policy of arn:aws:kms:eu-west-1:111111111111:key/1',
    ]);
  });

  const stateMachine = 'arn:aws-cn:states:cn-north-1:333333333333:stateMachine:nightly';

  it.each([
    { argv: ['--state-machine', stateMachine], principal: 'arn:aws-cn:iam::333333333333:role/nightly-*' },
    {
      argv: ['--stack-name', 'weekly', '--partition', 'aws-us-gov', '--destination-account', '222222222222'],
      principal: 'arn:aws-us-gov:iam::222222222222:role/weekly-*',
    },
    {
      argv: [
        ...['--destination-account', '222222222222'],
        ...['--kms', 'arn:aws-us-gov:kms:us-gov-west-1:111111111111:key/1'],
      ],
      principal: 'arn:aws-us-gov:iam::222222222222:role/s3copy-*',
    },
  ])('names the roles and the partition of the stack: $argv', async ({ argv, principal }) => {
    const { lines } = await run(...ends, '--json', '--source-account', '111111111111', ...argv);
    const partition = principal.split(':')[1];
    expect(lines[0]).toContain(`"aws:PrincipalArn":"${principal}"`);
    expect(new Set(lines[0]?.match(/arn:[^:]*:/g))).toEqual(new Set([`arn:${partition}:`]));
  });

  it('goes by the flags of a run: what is named, how it is copied and what is kept', async () => {
    const sidsOf = async (...argv: string[]) => {
      const { code, lines } = await run(...ends, '--json', ...argv);
      expect(code).toBe(0);
      const [own] = JSON.parse(lines[0] as string) as Policy[];
      return own?.document.Statement.map(({ Sid }) => Sid) ?? [];
    };
    expect(await sidsOf('-f', 'a', 'b')).not.toContain('ListSource');
    expect(await sidsOf('-F', 'local.txt')).not.toContain('ListSource');
    expect(await sidsOf('-F', 's3://source/list.txt')).toContain('ReadLists');
    expect(await sidsOf('-P', 'local.txt')).toContain('ListSource');
    expect(await sidsOf('--no-keep-parts')).toContain('RemovePartFiles');
    expect(await sidsOf('--strategy', 'direct')).not.toContain('SeeObjectLock');
  });

  it.each([
    { argv: ['--source', 'a-b-c'], words: 'policy needs --destination' },
    { argv: [...ends, '--source-account', '1'], words: '--source-account: "1" is not an account id' },
    { argv: [...ends, '--kms', 'alias/x'], words: '--kms: "alias/x" is not the ARN of a key' },
    { argv: [...ends, '--stack-name', 'a b'], words: '--stack-name: "a b" is not the name of a stack' },
    { argv: [...ends, '--partition', 'china'], words: '--partition: "china" is not a partition. Use aws' },
    { argv: ['x', ...ends], words: 'policy takes flags only' },
  ])('refuses $argv', async ({ argv, words }) => {
    const { code, notes } = await run(...argv);
    expect(code).toBe(2);
    expect(notes.join()).toContain(words);
  });
});
