import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { access, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { makeFolder } from 'local-storage/storage';
import { digest, fingerprint } from './fingerprint.ts';

const project = join(import.meta.dirname, '..', '..', '..');

/** CDK's own switches of cdk.json, which decide how the app comes out; the user's own entries stay out of it. */
const flagsOf = (context: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(context).filter(([name]) => /[/:]/.test(name)));

type Context = Readonly<Record<string, unknown>>;

/** Nothing limits what the user of this machine may do. */
const anything: Context = {
  source: '*',
  destination: '*',
  temp: '*',
  delete: true,
  acl: true,
  objectLock: true,
};

export interface SynthesisOptions {
  /** Folder that keeps what was synthesized. @default node_modules/.cache/s3copy */
  readonly cacheFolder?: string;
  /** Context of the app, as after `-c`. @default all that a request may ask for, in any bucket */
  readonly context?: Context | undefined;
}

/**
 * Synthesizes the app, for any source and destination unless the context names them, with its functions bundled, or finds it synthesized
 * before from the same files and the same context.
 *
 * Processes may do so at the same time: each works in a folder of its own and renames it when it is complete;
 * the first wins, and all have the same content. Nothing is ever removed, since an engine may still run from
 * it; `npm ci` clears the cache.
 *
 * @returns the folder of the cloud assembly
 * @throws {Error} with the app's own message when it cannot be synthesized
 */
export async function synthesize(options: SynthesisOptions = {}): Promise<string> {
  const cache = options.cacheFolder ?? join(project, 'node_modules', '.cache', 's3copy');
  const { context = anything } = options;
  const content = await fingerprint(project);
  const target = join(cache, digest(`${content} ${JSON.stringify(context)}`).slice(0, 40));
  if (await exists(target)) return target;
  const draft = `${target}.${randomUUID()}`;
  makeFolder(draft);
  try {
    await runApp(draft, context);
    // A file that was edited meanwhile would be found under the content before it.
    if ((await fingerprint(project)) !== content) return await synthesize(options);
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

/** A process of its own, so that the CDK is neither loaded nor kept in memory where the engine runs. */
async function runApp(outputFolder: string, own: Context): Promise<void> {
  const { context } = JSON.parse(await readFile(join(project, 'cdk.json'), 'utf8')) as {
    context: Record<string, unknown>;
  };
  const CDK_CONTEXT_JSON = JSON.stringify({ ...flagsOf(context), ...own });
  // The checks of the templates take as long as all the rest, and belong to `cdk synth`.
  const env = { ...process.env, CDK_OUTDIR: outputFolder, CDK_CONTEXT_JSON, CDK_VALIDATION: 'false' };
  try {
    await promisify(execFile)(process.execPath, [join(project, 'bin', 'app.ts')], { cwd: project, env });
  } catch (error) {
    const { stderr, message } = error as { stderr?: string; message: string };
    const said = stderr?.replaceAll(/^Bundling asset .*\n/gm, '');
    throw new Error(`the app cannot be synthesized: ${said || message}`);
  }
}
