import { describe, expect, it } from 'vitest';
import { parseArguments } from '../../cli/arguments.ts';
import { requestOf } from '../../cli/copy-request.ts';
import { commandNames, flags, groups } from '../../cli/flags.ts';
import { help } from '../../cli/help.ts';
import { parseCopyRequest } from '../../core/model/copy-request.ts';

describe('help', () => {
  const text = help();

  it.each(flags)('names --$name', ({ name }) => {
    expect(text).toMatch(new RegExp(`--${name}\\b`));
  });

  it('has a heading for each group, in order', () => {
    const places = groups.map((group) => text.indexOf(`\n${group}\n`));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places).not.toContain(-1);
  });

  it.each(commandNames)('of %s names its own flags, and no other', (command) => {
    const named = [...help(command).matchAll(/^ {2}.{0,5}(?:-\w, )?--([\w-]+)/gm)].map(([, name]) => name);
    const own = flags.filter(({ commands }) => commands.includes(command)).map(({ name }) => name);
    expect(named.sort()).toEqual(own.sort());
  });

  it('fits into 100 columns', () => {
    expect(text.split('\n').filter((line) => line.length > 100)).toEqual([]);
  });

  it('shows examples that can be copied', () => {
    const examples = text
      .split('\n')
      .filter((line) => /^ {2}s3copy .*s3:\/\/(source|destination)/.test(line));
    expect(examples.length).toBeGreaterThan(5);
    for (const example of examples) {
      const words = (example.split(/ {2,}(?=[a-z])/).find((part) => part.startsWith('s3copy')) ?? '')
        .trim()
        .split(' ');
      const request = { ...requestOf(parseArguments(words.slice(1))), filesFrom: undefined };
      expect(() => parseCopyRequest(request)).not.toThrow();
    }
  });
});
