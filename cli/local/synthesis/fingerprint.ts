import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';

/** The files and folders that the app is synthesized from. */
const inputs = ['bin/app.ts', 'cdk.json', 'core', 'lambdas', 'lib', 'package-lock.json'];

/**
 * Computes a hash of the names and contents of everything that the app is synthesized from.
 *
 * @param project the folder of the project
 * @returns 40 hexadecimal digits
 */
export async function computeFingerprint(project: string): Promise<string> {
  const files = (await Promise.all(inputs.map((input) => listFiles(join(project, input))))).flat().sort();
  const digests = await Promise.all(
    files.map(async (file) => `${relative(project, file)}\0${sha256(await readFile(file))}\n`),
  );
  return sha256(digests.join('')).slice(0, 40);
}

/** Returns the SHA-256 in hexadecimal digits. */
export const sha256 = (content: string | Buffer): string =>
  createHash('sha256').update(content).digest('hex');

async function listFiles(path: string): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
}
