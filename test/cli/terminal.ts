import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const program = join(import.meta.dirname, '..', '..', 'bin', 's3copy.ts');

/** A command line that has ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command line that runs in a process of its own. */
export class Terminal {
  readonly #child: ChildProcess;
  readonly #ended: Promise<Ended>;
  #stdout = '';
  #stderr = '';

  /**
   * @param environment added to this process's own
   */
  constructor(line: readonly string[], environment: Readonly<Record<string, string>> = {}) {
    const env = { ...process.env, S3COPY_STATE_MACHINE: '', ...environment };
    this.#child = spawn(process.execPath, [program, ...line], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child.stdout?.on('data', (chunk: Buffer) => {
      this.#stdout += chunk.toString();
    });
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.#stderr += chunk.toString();
    });
    this.#ended = once(this.#child, 'close').then(([code]) => ({
      code: code as number | null,
      stdout: this.#stdout,
      stderr: this.#stderr,
    }));
  }

  /** Waits until it ends. */
  ended(): Promise<Ended> {
    return this.#ended;
  }

  /**
   * Waits until it has written something, to either stream.
   *
   * @throws {Error} when it ends without having done so
   */
  async wrote(text: string): Promise<void> {
    const hasEnded = this.#ended.then(() => true);
    while (!`${this.#stdout}${this.#stderr}`.includes(text)) {
      const soon = new Promise<false>((go) => setTimeout(() => go(false), 20));
      if ((await Promise.race([hasEnded, soon])) && !`${this.#stdout}${this.#stderr}`.includes(text)) {
        throw new Error(`it ended without ${JSON.stringify(text)}: ${this.#stdout}${this.#stderr}`);
      }
    }
  }

  /** Standard output so far. */
  get stdout(): string {
    return this.#stdout;
  }

  /** Presses Ctrl-C, or closes the window by SIGHUP. */
  interrupt(signal: 'SIGINT' | 'SIGHUP' = 'SIGINT'): void {
    this.#child.kill(signal);
  }

  /** Ends it without asking, should it still run. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }
}
