import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const project = join(import.meta.dirname, '..');

/** Imports that a wall forbids: the file, what it imports, and how the message begins. */
const forbidden = [
  ['core/model/a.ts', '../rules/compare.ts', 'core/model holds the vocabulary'],
  ['core/model/b.ts', 'node:fs', 'core/model holds the vocabulary'],
  ['core/rules/a.ts', '../s3/clients.ts', 'core/model and core/rules hold'],
  ['core/rules/b.ts', '@aws-sdk/client-s3', 'core/model and core/rules hold'],
  ['core/s3/a.ts', '../access/policies.ts', 'core/s3 only talks to S3'],
  ['core/s3/b.ts', '../run/run-files.ts', 'core/s3 only talks to S3'],
  ['core/access/a.ts', '../run/open-run.ts', 'core/access imports'],
  ['core/run/a.ts', '../multipart/upload.ts', 'core/run imports'],
  ['core/run/b.ts', '../../lambdas/report/redrive.ts', 'core/run imports'],
  ['core/multipart/a.ts', '../copy/copy-object.ts', 'core/multipart imports'],
  ['core/diff/a.ts', '../copy/copy-object.ts', 'core/diff imports'],
  ['core/copy/a.ts', '../../lambdas/plan/plan.ts', 'core/copy imports only core'],
  ['lambdas/plan/a.ts', '../report/report.ts', 'A function imports its own folder and core'],
  ['lambdas/plan/b.ts', '../../cli/main.ts', 'A function imports its own folder and core'],
  ['lambdas/report/copy-records/a.ts', '../../plan/plan.ts', 'A function imports its own folder and core'],
  ['lib/a.ts', '../core/s3/clients.ts', 'lib imports core/model'],
  ['lib/constructs/a.ts', '../../lambdas/plan/plan.ts', 'lib imports core/model'],
  ['cli/a.ts', '../lambdas/plan/plan.ts', 'cli imports core and packages'],
  ['cli/commands/a.ts', '../../bin/s3copy.ts', 'cli imports core and packages'],
  ['packages/sandbox-s3/src/a.ts', '../../../core/model/bytes.ts', 'A package imports only itself'],
  [
    'packages/sandbox-s3/src/http/a.ts',
    '../../../step-functions-local/src/engine.ts',
    'A package imports only itself',
  ],
  [
    'packages/step-functions-local/src/lambda/a.ts',
    '../../../../core/model/bytes.ts',
    'A package imports only itself',
  ],
  ['core/run/c.ts', 'sandbox-s3/server', 'core/run imports'],
  ['lambdas/plan/d.ts', 'step-functions-local/engine', 'A function imports its own folder and core'],
  ['packages/step-functions-local/src/b.ts', 'sandbox-s3/server', 'A package imports only itself'],
  ['demo/a.ts', '../test/cli/terminal.ts', 'demo and bench import the product'],
] as const;

const allowed = [
  ['core/model/c.ts', './bytes.ts'],
  ['core/rules/c.ts', '../model/bytes.ts'],
  ['core/s3/c.ts', '../rules/retry.ts'],
  ['core/copy/c.ts', '../multipart/upload.ts'],
  ['lambdas/plan/c.ts', '../../core/diff/decide.ts'],
  ['lambdas/report/copy-records/c.ts', '../redrive.ts'],
  ['lib/constructs/c.ts', '../../core/access/policies.ts'],
  ['cli/commands/c.ts', '../../core/run/run-files.ts'],
  ['cli/local/c.ts', 'sandbox-s3/server'],
  ['packages/sandbox-s3/src/http/c.ts', '../auth/signature.ts'],
] as const;

/** A finding of the linter. */
interface Finding {
  readonly category: string;
  readonly message: string;
  readonly location: { readonly path: string };
}

describe('the walls between folders', () => {
  let folder = '';
  let findings: readonly Finding[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 's3copy-walls-'));
    await copyFile(join(project, 'biome.json'), join(folder, 'biome.json'));
    const write = async (file: string, text: string): Promise<void> => {
      await mkdir(join(folder, dirname(file)), { recursive: true });
      await writeFile(join(folder, file), text);
    };
    for (const [file, imported] of [...forbidden, ...allowed])
      await write(file, `import { value } from '${imported}';\n\nexport const other = value;\n`);
    await write('core/diff/one.ts', "import type { Two } from './two.ts';\n\nexport type One = Two;\n");
    await write('core/diff/two.ts', "import type { One } from './one.ts';\n\nexport type Two = One;\n");
    const biome = join(project, 'node_modules', '.bin', 'biome');
    const options = ['lint', '--vcs-enabled=false', '--max-diagnostics=none', '--reporter=json', '.'];
    const { stdout } = await promisify(execFile)(biome, options, { cwd: folder }).catch(
      (error: { readonly stdout: string }) => error,
    );
    findings = (JSON.parse(stdout) as { readonly diagnostics: readonly Finding[] }).diagnostics;
  });
  afterAll(() => rm(folder, { recursive: true }));

  const imports = (file: string) =>
    findings.filter(
      ({ category, location }) => category === 'lint/style/noRestrictedImports' && location.path === file,
    );

  it.each(forbidden)(
    'refuse that %s imports %s, and say where the code belongs',
    (file, _imported, message) => {
      expect(imports(file).map((finding) => finding.message)).toEqual([expect.stringContaining(message)]);
    },
  );

  it.each(allowed)('allow that %s imports %s', (file) => {
    expect(imports(file)).toEqual([]);
  });

  it('refuse files that import each other, also for their types', () => {
    const cycles = findings.filter(({ category }) => category === 'lint/suspicious/noImportCycles');
    expect(cycles.map(({ location }) => location.path).sort()).toEqual([
      'core/diff/one.ts',
      'core/diff/two.ts',
    ]);
  });
});
