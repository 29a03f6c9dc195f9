/** Where the program writes to. */
export interface Output {
  /** Results: a line on standard output. */
  line(text: string): void;
  /** Waits until what was written is taken, so that a long output is never held in memory. */
  taken(): Promise<void>;
  /** What a person may want to know meanwhile: a line on standard error. */
  note(text: string): void;
  /** Text on standard error as it is, such as a bar that is drawn over. */
  raw(text: string): void;
  /** Standard error is a terminal. */
  readonly isTerminal: boolean;
  /** Width of that terminal, in columns. */
  columns(): number;
}

/** The process's own standard output and error. */
export const processOutput: Output = {
  line: (text) => void process.stdout.write(`${text}\n`),
  taken: async () => {
    if (process.stdout.writableNeedDrain) await new Promise((go) => process.stdout.once('drain', go));
  },
  note: (text) => void process.stderr.write(`${text}\n`),
  raw: (text) => void process.stderr.write(text),
  get isTerminal() {
    return process.stderr.isTTY === true;
  },
  columns: () => process.stderr.columns ?? 80,
};
