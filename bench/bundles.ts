import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readApplication } from '../cli/local/synthesis/application.ts';
import { synthesize } from '../cli/local/synthesis/synthesize.ts';
import type { Figure } from './figures.ts';

/** Measures the size of each function's bundle before compression. */
export async function measureBundles(): Promise<Figure[]> {
  const { functions } = await readApplication(await synthesize());
  return Promise.all(
    Object.values(functions).map(async ({ name, directory }) => {
      const { size } = await stat(join(directory, 'index.mjs'));
      return { name, value: size / 1_000, unit: 'kB', limit: 1_000 };
    }),
  );
}
