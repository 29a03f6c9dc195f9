import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import cdkJson from '../../cdk.json' with { type: 'json' };

const project = join(import.meta.dirname, '..', '..');
const cdk = join(project, 'node_modules', 'aws-cdk', 'bin', 'cdk');

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

describe('bin/app.ts', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 's3copy-app-'));
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  const run = async (command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Ended> =>
    await promisify(execFile)(command, args, { cwd: project, env }).then(
      (said) => ({ code: 0, ...said }),
      (error: unknown) => error as Ended,
    );

  const synthesize = (...args: string[]): Promise<Ended> =>
    run(process.execPath, [cdk, 'synth', '--quiet', '--output', join(folder, 'out'), ...args], {
      ...process.env,
      CDK_VALIDATION: 'false',
    });

  it('cdk synth fails without buckets, and says what to type', async () => {
    const { code, stdout, stderr } = await synthesize();

    expect(code).toBe(1);
    expect(stdout + stderr).toContain(
      'npx cdk deploy -c source=my-source-bucket -c destination=my-destination-bucket',
    );
    expect(stdout + stderr).not.toMatch(/^\s+at /m);
  }, 60_000);

  it('a wrong context ends the app with one message and no stack trace', async () => {
    const { code, stdout, stderr } = await synthesize('-c', 'source=UP!', '-c', 'destination=two');

    expect(code).toBe(1);
    expect(stdout + stderr).toContain('source.0: "UP!" is not a bucket name');
    expect(stdout + stderr).not.toMatch(/^\s+at /m);
  }, 60_000);

  it('cdk bootstrap and cdk destroy find the stack when no bucket is named', async () => {
    const { code, stdout, stderr } = await run(
      process.execPath,
      [cdk, 'list', '-c', 'name=mine'],
      process.env,
    );

    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout).toBe('mine\n');
  }, 60_000);

  it("the command in cdk.json runs under the project's own Node, whichever Node is first in the path", async () => {
    const path = (process.env['PATH'] ?? '').split(':').filter((entry) => !entry.includes('node_modules'));
    const outdir = join(folder, 'global');
    const env = { ...process.env, PATH: path.join(':'), CDK_OUTDIR: outdir, CDK_CONTEXT_JSON: '{}' };

    const { code, stderr } = await run('sh', ['-c', cdkJson.app], env);

    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(JSON.parse(await readFile(join(outdir, 'manifest.json'), 'utf8'))).toHaveProperty(
      'artifacts.s3copy',
    );
  }, 60_000);
});
