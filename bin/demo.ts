import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { outputTo } from '../cli/output.ts';
import { demo } from '../demo/demo.ts';

/** Runs the demo in a temporary folder. Keeps the folder, with the logs of the functions, when the demo fails. */
const folder = await mkdtemp(join(tmpdir(), 's3copy-demo-'));
const interrupt = (): void => {
  process.stdout.write('\ninterrupted\n');
  process.exit(130);
};
process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
try {
  await demo(folder, outputTo(process.stdout, process.stdout));
  await rm(folder, { recursive: true, force: true });
} catch (error) {
  const { name, message, stack } = error as Error;
  process.stderr.write(`\nThe demo failed. ${name === 'CheckError' ? message : stack}\n`);
  process.stderr.write(`The logs of the functions are in ${join(folder, 'step-functions', 'logs')}.\n`);
  process.exitCode = 1;
}
