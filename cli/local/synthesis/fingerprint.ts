import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';

/** Files and folders that decide what the app synthesizes to. */
const inputs = ['bin/app.ts', 'cdk.json', 'core', 'lambdas', 'lib', 'package-lock.json'];

/**
 * Hash of the names and contents of everything that the app is synthesized from.
 *
 * @param project folder of the project
 * @returns 40 hexadecimal digits
 */
export async function fingerprint(project: string): Promise<string> {
  const files = (await Promise.all(inputs.map((input) => filesIn(join(project, input))))).flat().sort();
  const digests = await Promise.all(
    files.map(async (file) => `${relative(project, file)}\0${digest(await readFile(file))}\n`),
  );
  return digest(digests.join('')).slice(0, 40);
}

/** SHA-256 in hexadecimal digits. */
export const digest = (content: string | Buffer): string =>
  createHash('sha256').update(content).digest('hex');

async function filesIn(path: string): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
}
