import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const app = join(import.meta.dirname, '..', '..', 'bin', 'app.ts');

const run = async (context: object): Promise<{ code?: number; stderr: string }> => {
  const env = { ...process.env, CDK_CONTEXT_JSON: JSON.stringify(context) };
  const failed = await promisify(execFile)(process.execPath, [app], { env }).catch((error: unknown) => error);
  return failed as { code: number; stderr: string };
};

describe('bin/app.ts', () => {
  it('stops without buckets, and says in words what to type', async () => {
    const { code, stderr } = await run({});
    expect(code).toBe(1);
    expect(stderr).toContain(
      'npx cdk deploy -c source=my-source-bucket -c destination=my-destination-bucket',
    );
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});
