import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readApplication } from '../local/synthesis/application.ts';
import { synthesize } from '../local/synthesis/synthesize.ts';

/** Prints the size of each function's bundle, as it would be deployed before compression. */
const { functions } = await readApplication(await synthesize());
for (const { name, directory } of Object.values(functions)) {
  const { size } = await stat(join(directory, 'index.mjs'));
  process.stdout.write(`${name.padEnd(24)} ${(size / 1000).toFixed(0).padStart(6)} kB\n`);
}
