import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { access, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { makeFolder } from 'local-storage/storage';
import { computeFingerprint, sha256 } from './fingerprint.ts';

const project = join(import.meta.dirname, '..', '..', '..');

/** Selects the feature flags of the CDK from cdk.json. Entries of the user must not change the local stack. */
const selectFeatureFlags = (context: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(context).filter(([name]) => /[/:]/.test(name)));

type Context = Readonly<Record<string, unknown>>;

/** Allows everything that a copy request may ask for, in any bucket. */
const anything: Context = {
  source: '*',
  destination: '*',
  temp: '*',
  delete: true,
  acl: true,
  objectLock: true,
};

export interface SynthesisOptions {
  /** The folder that keeps cloud assemblies. @default node_modules/.cache/s3copy */
  readonly cacheFolder?: string;
  /** The context of the app, as with `-c`. @default everything that a copy request may ask for, in any bucket */
  readonly context?: Context | undefined;
}

/**
 * Synthesizes the app and bundles its functions, unless the cache has the result for the same files and context.
 *
 * Several processes may do so at the same time: each writes to its own folder and renames it at the end. The first one
 * wins, and all have the same content. The cache is never cleaned, because an engine may still use it. `npm ci` clears it.
 *
 * @returns the folder of the cloud assembly
 * @throws {Error} with the message of the app when it cannot be synthesized
 */
export async function synthesize(options: SynthesisOptions = {}): Promise<string> {
  const cache = options.cacheFolder ?? join(project, 'node_modules', '.cache', 's3copy');
  const { context = anything } = options;
  const content = await computeFingerprint(project);
  const target = join(cache, sha256(`${content} ${JSON.stringify(context)}`).slice(0, 40));
  if (await exists(target)) return target;
  const draft = `${target}.${randomUUID()}`;
  makeFolder(draft);
  try {
    await runApp(draft, context);
    // If a file was edited in the meantime, the result belongs to another fingerprint.
    if ((await computeFingerprint(project)) !== content) return await synthesize(options);
    await rename(draft, target).catch(async (error: unknown) => {
      if (!(await exists(target))) throw error;
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return target;
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** Runs the app in its own process, so that the process of the engine does not load the CDK. */
async function runApp(outputFolder: string, own: Context): Promise<void> {
  const { context } = JSON.parse(await readFile(join(project, 'cdk.json'), 'utf8')) as {
    context: Record<string, unknown>;
  };
  const CDK_CONTEXT_JSON = JSON.stringify({ ...selectFeatureFlags(context), ...own });
  // Checking the templates takes as long as everything else, and `cdk synth` does it.
  const env = { ...process.env, CDK_OUTDIR: outputFolder, CDK_CONTEXT_JSON, CDK_VALIDATION: 'false' };
  try {
    await promisify(execFile)(process.execPath, [join(project, 'bin', 'app.ts')], { cwd: project, env });
  } catch (error) {
    const { stderr, message } = error as { stderr?: string; message: string };
    const output = stderr?.replaceAll(/^Bundling asset .*\n/gm, '');
    throw new Error(`cannot synthesize the CDK app: ${output || message}`);
  }
}
