import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

/** Where functions' standard output and error go: never to ours. */
export interface LogSink {
  /** Takes all that a thread of this function writes. */
  collect(functionName: string, stream: Readable): void;
  close(): Promise<void>;
}

/** One file for each function, `<directory>/<function>.log`, appended to. */
export function fileLogSink(directory: string): LogSink {
  mkdirSync(directory, { recursive: true });
  const files = new Map<string, WriteStream>();
  const fileOf = (name: string) => {
    const known = files.get(name);
    if (known) return known;
    const file = createWriteStream(join(directory, `${name}.log`), { flags: 'a' });
    file.setMaxListeners(0);
    file.on('error', () => file.destroy()); // a full disk costs logs, not executions
    files.set(name, file);
    return file;
  };
  return {
    collect: (name, stream) => {
      const file = fileOf(name);
      stream.on('data', (chunk: Buffer) => {
        if (file.writable) file.write(chunk);
      });
    },
    close: async () => {
      const open = [...files.values()];
      files.clear();
      await Promise.all(open.map((file) => new Promise<void>((resolve) => file.end(() => resolve()))));
    },
  };
}
