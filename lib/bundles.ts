import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { buildSync } from 'esbuild';

/** Folder with a folder for each step of the pipeline. */
export const lambdasFolder = join(import.meta.dirname, '..', 'lambdas');

/**
 * esbuild may turn a dependency that is CommonJS into `require` calls, which an ES module does not have.
 * The alias cannot collide with an import of the same name in the bundle.
 */
const requireForCommonJs =
  "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);";

let bundles: ReadonlyMap<string, Uint8Array> | undefined;

/**
 * Writes the bundle of one step as `index.mjs`.
 *
 * The first call bundles all steps in one go, which takes a fifth of the time of one by one: they share most of
 * their code. `NodejsFunction` would also start `npx` for each. The SDK is part of the bundle, at the version of
 * the lockfile that the tests ran with. There are no source maps: names are kept, so that a stack trace says which
 * function failed, and maps of the SDK would weigh several times the code.
 *
 * @param step folder of `lambdas/` with a `handler.ts`
 */
export function writeBundle(step: string, outputFolder: string): void {
  bundles ??= bundleAll();
  const bundle = bundles.get(step);
  if (bundle === undefined) throw new Error(`there is no handler for the step ${step} in ${lambdasFolder}`);
  writeFileSync(join(outputFolder, 'index.mjs'), bundle);
}

function bundleAll(): ReadonlyMap<string, Uint8Array> {
  const steps = readdirSync(lambdasFolder).filter((name) =>
    existsSync(join(lambdasFolder, name, 'handler.ts')),
  );
  const { outputFiles } = buildSync({
    entryPoints: steps.map((step) => ({
      in: join(lambdasFolder, step, 'handler.ts'),
      out: join(step, 'index'),
    })),
    outdir: lambdasFolder,
    write: false,
    outExtension: { '.js': '.mjs' },
    banner: { js: requireForCommonJs },
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    mainFields: ['module', 'main'],
    minify: true,
    keepNames: true,
    legalComments: 'none',
    logLevel: 'warning',
  });
  return new Map(outputFiles.map(({ path, contents }) => [basename(dirname(path)), contents]));
}
