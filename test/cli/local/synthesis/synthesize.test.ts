import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { loadDefinition } from 'step-functions-local/definition';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Application, readApplication } from '../../../../cli/local/synthesis/application.ts';
import { synthesize } from '../../../../cli/local/synthesis/synthesize.ts';

const synthesis = join(import.meta.dirname, '..', '..', '..', '..', 'cli', 'local', 'synthesis');

describe('synthesize', () => {
  let cacheFolder: string;
  let assembly: string;

  beforeAll(async () => {
    cacheFolder = await mkdtemp(join(tmpdir(), 's3copy-synthesis-'));
    const both = await Promise.all([synthesize({ cacheFolder }), synthesize({ cacheFolder })]);
    assembly = both[0];
    expect(both[1]).toBe(assembly);
  });
  afterAll(() => rm(cacheFolder, { recursive: true }));

  it('two processes that synthesize at the same time leave one complete folder', async () => {
    expect(await readdir(cacheFolder)).toHaveLength(1);
  });

  it('synthesize uses the cached assembly of the same files without running the CDK', async () => {
    const script = `
      const { synthesize } = await import(${JSON.stringify(join(synthesis, 'synthesize.ts'))});
      const { readApplication } = await import(${JSON.stringify(join(synthesis, 'application.ts'))});
      await readApplication(await synthesize(${JSON.stringify({ cacheFolder })}));
      const { createRequire } = await import('node:module');
      const loaded = Object.keys(createRequire('/').cache ?? {});
      process.stdout.write(JSON.stringify(loaded.filter((file) => file.includes('aws-cdk-lib'))));`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
    expect(JSON.parse(stdout)).toEqual([]);
    expect(await readdir(cacheFolder)).toHaveLength(1);
  });

  describe('readApplication', () => {
    let application: Application;

    beforeAll(async () => {
      application = await readApplication(assembly);
    });

    it('readApplication reads a definition that the engine accepts, with functions named by ARN', () => {
      expect(() => loadDefinition(application.definition)).not.toThrow();
      const called = [...application.definition.matchAll(/"FunctionName":"([^"]+)"/g)].map(([, arn]) => arn);
      expect(new Set(called)).toEqual(new Set(Object.keys(application.functions)));
    });

    it('readApplication reads the names of a deployment', () => {
      expect(application).toMatchObject({
        stateMachineName: 's3copy',
        stateMachineArn: 'arn:aws:states:us-east-1:000000000000:stateMachine:s3copy',
        workBucket: 's3copy-work',
      });
    });

    it('readApplication reads each function with its bundle and settings, for any bucket', () => {
      const plan = application.functions['arn:aws:lambda:us-east-1:000000000000:function:s3copy-plan'];
      expect(plan).toMatchObject({
        name: 's3copy-plan',
        handler: 'index.handler',
        timeoutSeconds: 900,
        memoryMiB: 1769,
        environment: { WORK_BUCKET: 's3copy-work' },
      });
      expect(application.definition).toContain(
        '"allowed":{"source":["*"],"destination":["*"],"lists":[],"roles":[],"keys":[],"temp":["*"],"switches":{"delete":true,"acl":true,"objectLock":true}}',
      );
      for (const { directory } of Object.values(application.functions)) {
        expect(existsSync(join(directory, 'index.mjs'))).toBe(true);
      }
    });

    it('readApplication reads what the role of each function allows, in any bucket or in those of the context', async () => {
      const arn = 'arn:aws:lambda:us-east-1:000000000000:function:s3copy-delete-objects';
      const named = await readApplication(
        await synthesize({ cacheFolder, context: { source: 'one', destination: 'two', delete: true } }),
      );

      const [any, own] = [application, named].map((each) => each.functions[arn]?.statements);

      expect(any).toContainEqual({
        Action: ['s3:DeleteObject', 's3:GetObject'],
        Resource: 'arn:aws:s3:::*/*',
      });
      expect(own).toContainEqual({
        Action: ['s3:DeleteObject', 's3:GetObject'],
        Resource: 'arn:aws:s3:::two/*',
      });
      expect(own).toContainEqual({ Action: 's3:GetObject', Resource: 'arn:aws:s3:::one/*' });
      expect(own).toContainEqual({ Action: 's3:ListBucket', Resource: 'arn:aws:s3:::s3copy-work' });
      expect(named.definition).toContain('"allowed":{"source":["one"],"destination":["two"]');
    });

    it('readApplication refuses a folder that is not a cloud assembly', async () => {
      await expect(readApplication(synthesis)).rejects.toThrow(
        'expected one file that ends in .template.json',
      );
    });
  });
});
