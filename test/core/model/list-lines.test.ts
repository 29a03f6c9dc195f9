import { expect, it } from 'vitest';
import { ListLines, noLines } from '../../../core/model/list-lines.ts';

it.each(['filesFrom', 'prefixesFrom'] as const)('a list of %s that is not read yet has no lines', (field) => {
  const lines = noLines(field);

  expect(lines).toEqual({ field, names: 0, returns: 0, comments: 0 });
  expect(ListLines.parse(lines)).toEqual(lines);
});
