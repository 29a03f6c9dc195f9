import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { stepNames } from '../../../core/model/steps.ts';

it('each step is a folder of lambdas', () => {
  const folders = readdirSync(join(import.meta.dirname, '../../../lambdas'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);

  expect([...stepNames].toSorted()).toEqual(folders.toSorted());
});
