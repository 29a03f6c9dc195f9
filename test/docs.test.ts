import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { copyErrorNames, objectErrorNames } from '../core/model/errors.ts';

const root = join(import.meta.dirname, '..');
const pages = globSync(['*.md', 'docs/**/*.md', 'packages/*/README.md'], { cwd: root });
const folders = /^(?:bench|bin|cli|core|demo|docs|lambdas|lib|packages|test)\//;

const read = (page: string): string => readFileSync(join(root, page), 'utf8');
const withoutCodeBlocks = (text: string): string => text.replace(/^```.*?^```$/gms, '');

/** The fragment that GitHub gives to a heading. */
const fragmentOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\- ]/gu, '')
    .replaceAll(' ', '-');

const fragmentsOf = (page: string): string[] =>
  [...withoutCodeBlocks(read(page)).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => fragmentOf(heading));

const exists = (path: string): boolean => globSync(path, { cwd: root }).length > 0;

/** Each table as its lines. */
const tablesOf = (page: string): string[][] =>
  [...withoutCodeBlocks(read(page)).matchAll(/(?:^\|.*\n)+/gm)].map(([table]) => table.trim().split('\n'));

const countCells = (row: string): number => row.replace(/`[^`]*`/g, '').split('|').length;

describe.each(pages)('%s', (page) => {
  it('links only to pages and headings that exist', () => {
    const links = [...withoutCodeBlocks(read(page)).matchAll(/\]\((?!https?:)([^)#]*)#?([^)]*)\)/g)];
    const broken = links.filter(([, path = '', fragment = '']) => {
      const target = path === '' ? page : join(dirname(page), path);
      return !exists(target) || (fragment !== '' && !fragmentsOf(target).includes(fragment));
    });

    expect(broken.map(([link]) => link)).toEqual([]);
  });

  it('has only tables with a header, a separator and equally many cells in each row', () => {
    const broken = tablesOf(page).filter(
      ([header = '', separator = '', ...rows]) =>
        !/^\|(?:-+\|)+$/.test(separator) ||
        [separator, ...rows].some((row) => countCells(row) !== countCells(header)),
    );

    expect(broken).toEqual([]);
  });

  it.skipIf(page === 'CHANGELOG.md')('names only files and folders that exist', () => {
    const named = [...withoutCodeBlocks(read(page)).matchAll(/`([\w./-]+)`/g)].map(([, path = '']) => path);
    const base = page.startsWith('packages/') ? dirname(page) : '';

    expect(named.filter((path) => folders.test(path) && !exists(path) && !exists(join(base, path)))).toEqual(
      [],
    );
  });
});

it.each([
  ...copyErrorNames.map((name) => ['the execution', name]),
  ...objectErrorNames.map((name) => ['an object', name]),
])('the runbook says what to do about %s that ends with %s', (what, name) => {
  const [rows = []] = tablesOf('docs/runbook.md').filter(([header]) => header?.includes(`error of ${what}`));

  expect(rows.filter((row) => row.split('|')[1]?.includes(`\`${name}\``))).toHaveLength(1);
});
