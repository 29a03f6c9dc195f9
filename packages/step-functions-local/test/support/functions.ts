import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FaultRule } from '../../src/lambda/faults.ts';
import { fileLogSink } from '../../src/lambda/log-sink.ts';
import { LambdaPool, type PoolOptions } from '../../src/lambda/pool.ts';
import type { FunctionSettings } from '../../src/lambda/thread.ts';

/** A folder for bundles, logs and the files that handlers write. It is removed at the end. */
export class FunctionFolder {
  readonly path = mkdtempSync(join(tmpdir(), 's3copy-functions-'));

  /** Writes a bundle: `body` is the body of `async (event, context) => { … }`. `before` runs when it is loaded. */
  add(
    name: string,
    body: string,
    more: Partial<FunctionSettings> & { before?: string } = {},
  ): FunctionSettings {
    const directory = join(this.path, name);
    mkdirSync(directory);
    const { before = '', ...settings } = more;
    writeFileSync(
      join(directory, 'index.mjs'),
      `${before}\nexport const handler = async (event, context) => { ${body} };\n`,
    );
    return {
      directory,
      handler: 'index.handler',
      environment: {},
      timeoutSeconds: 30,
      memoryMiB: 256,
      ...settings,
    };
  }

  pool(
    functions: PoolOptions['functions'],
    faults?: readonly FaultRule[],
    more: Partial<PoolOptions> = {},
  ): LambdaPool {
    return new LambdaPool({ functions, logs: fileLogSink(join(this.path, 'logs')), faults, ...more });
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
