import { execFile } from 'node:child_process';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stepNames } from '../../core/model/steps.ts';
import { writeBundle } from '../../lib/bundles.ts';

/** Bytes; a bundle is loaded at every cold start. */
const largest = 1_000_000;

describe('bundles', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 's3copy-bundles-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it.each(stepNames)('%s is below 1 MB', async (step) => {
    const output = await mkdtemp(join(folder, step));
    writeBundle(step, output);
    expect((await stat(join(output, 'index.mjs'))).size).toBeLessThan(largest);
  });

  it('needs nothing beside it, and exports a handler', async () => {
    writeBundle('prepare', folder);
    const url = pathToFileURL(join(folder, 'index.mjs')).href;
    const script = `const { handler } = await import(${JSON.stringify(url)}); process.stdout.write(typeof handler);`;
    const env = {
      PATH: process.env['PATH'],
      AWS_REGION: 'us-east-1',
      WORK_BUCKET: 'work',
    };
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
      env,
      cwd: folder,
    });
    expect(stdout).toBe('function');
  });

  it('refuses a step without a handler by name', () => {
    expect(() => writeBundle('paint', folder)).toThrow('there is no handler for the step paint');
  });
});
