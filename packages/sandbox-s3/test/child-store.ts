import { fork } from 'node:child_process';
import type { Rule } from '../src/rules/rule.ts';

/** A store in a process of its own. */
export interface ChildStore {
  readonly url: string;
  /** The most memory that the process has had, in bytes. */
  maxRss(): Promise<number>;
  /** kill -9. */
  stop(): Promise<void>;
}

/** Starts one; for clients that would block this process, and to kill it. */
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
    child.once('exit', (code) => reject(new Error(`the store ended with ${code}`)));
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
