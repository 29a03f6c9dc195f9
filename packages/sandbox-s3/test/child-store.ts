import { fork } from 'node:child_process';
import type { Rule } from '../src/rules/rule.ts';

/** A store in another process. */
export interface ChildStore {
  readonly url: string;
  /** The largest amount of memory that the process has used, in bytes. */
  maxRss(): Promise<number>;
  /** Kills the process with SIGKILL. */
  stop(): Promise<void>;
}

/** Starts a store in another process, so that a test can kill it or measure its memory. */
export async function startChildStore(
  dataDirectory: string,
  faults: readonly Rule[] = [],
): Promise<ChildStore> {
  const child = fork(
    new URL('./store-process.ts', import.meta.url),
    [dataDirectory, JSON.stringify(faults)],
    {
      execArgv: [],
    },
  );
  const url = await new Promise<string>((resolve, reject) => {
    child.once('message', (message) => resolve(String(message)));
    child.once('exit', (code) => reject(new Error(`the process of the store exited with code ${code}`)));
  });
  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      child.once('exit', () => resolve());
      child.kill('SIGKILL');
    });
  const maxRss = (): Promise<number> =>
    new Promise((resolve) => {
      child.once('message', (kibibytes) => resolve(Number(kibibytes) * 1024));
      child.send('maxRss');
    });
  return { url, maxRss, stop };
}
