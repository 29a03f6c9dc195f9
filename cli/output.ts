import type { WriteStream } from 'node:tty';

/** Where a program writes to. */
export interface Output {
  /** Results: a line on standard output. */
  line(text: string): void;
  /** Waits until what was written is taken, so that a long output is never held in memory. */
  taken(): Promise<void>;
  /** What a person may want to know meanwhile: a line on standard error. */
  note(text: string): void;
  /** Text as it is where notes go, such as a bar that is drawn over. */
  raw(text: string): void;
  /** Notes go to a terminal. */
  readonly isTerminal: boolean;
  /** Width of that terminal, in columns. */
  columns(): number;
}

/**
 * Writes to two streams.
 *
 * @param results takes the results
 * @param notes takes what a person may want to know meanwhile
 */
export const outputTo = (results: WriteStream, notes: WriteStream): Output => ({
  line: (text) => void results.write(`${text}\n`),
  taken: async () => {
    if (results.writableNeedDrain) await new Promise((go) => results.once('drain', go));
  },
  note: (text) => void notes.write(`${text}\n`),
  raw: (text) => void notes.write(text),
  isTerminal: notes.isTTY === true,
  columns: () => notes.columns || 80,
});
