import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

it.each(['sandbox-s3', 'step-functions-local'])(
  'the example in the README of %s runs, and prints what it says',
  async (name) => {
    const folder = join(import.meta.dirname, '..', 'packages', name);
    const readme = await readFile(join(folder, 'README.md'), 'utf8');
    const code = /```ts\n(.*?)```/s.exec(readme)?.[1] ?? '';

    const options = [
      '--disable-warning=ExperimentalWarning',
      '--input-type=module-typescript',
      '--eval',
      code,
    ];
    const { stdout } = await promisify(execFile)(process.execPath, options, { cwd: folder });

    expect(stdout.trim()).toBe(/console\.log\(.*\); \/\/ (.*)/.exec(code)?.[1]);
  },
);
