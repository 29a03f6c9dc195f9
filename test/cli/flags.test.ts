import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Flag, flags } from '../../cli/flags.ts';
import { CopyRequest } from '../../core/model/copy-request.ts';

const fields = Object.keys(CopyRequest.shape);
const isOf = (field: string) => (flag: Flag) => flag.field === field || flag.field?.startsWith(`${field}.`);

/** Flags of a field as docs/request.md writes them. */
function spelled(field: string): string {
  if (field === 'src' || field === 'dest') return `\`${field.toUpperCase()}\``;
  const threads =
    field === 'workers' || field === 'concurrency' ? flags.filter(({ name }) => name === 'threads') : [];
  return [...threads, ...flags.filter(isOf(field))]
    .map(({ letter, name }) => `\`${letter === undefined ? '' : `-${letter} `}--${name}\``)
    .join(' ');
}

describe('flags', () => {
  it('have names and letters of their own', () => {
    const names = flags.flatMap(({ name, letter }) => [name, ...(letter === undefined ? [] : [letter])]);
    expect(new Set(names).size).toBe(names.length);
  });

  it('keep the letters of 2013', () => {
    const letters = Object.fromEntries(
      flags.filter(({ letter }) => letter).map(({ letter, name }) => [letter, name]),
    );
    expect(letters).toMatchObject({
      f: 'file',
      F: 'files',
      p: 'prefix',
      P: 'prefixes',
      n: 'dry-run',
      t: 'threads',
      c: 'roles-copy',
      d: 'roles-destination',
      l: 'log-level',
      L: 'log-file',
    });
  });

  it.each(fields.filter((field) => field !== 'src' && field !== 'dest'))('set the field %s', (field) => {
    expect(flags.filter(isOf(field))).not.toEqual([]);
  });

  it('set no field that the request does not have', () => {
    const set = flags.flatMap(({ field }) => (field === undefined ? [] : [field.split('.')[0]]));
    expect(set.filter((field) => !fields.includes(field as string))).toEqual([]);
  });

  it('stand in the table of the docs, with all fields', () => {
    const text = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'request.md'), 'utf8');
    const rows = text.split('\n').flatMap((line) => {
      const cells = line.split(' | ');
      return cells.length === 4 && line.startsWith('| `') ? [cells] : [];
    });
    const documented = rows.map((cells) => `${cells[0]?.slice(2)} ${cells[3]?.replace(/ \|$/, '')}`);
    expect(documented.sort()).toEqual(fields.map((field) => `\`${field}\` ${spelled(field)}`).sort());
  });
});
