import { createWriteStream, openSync, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { makeFolder } from 'local-storage/storage';

/** Where functions' standard output and error go: never to ours. */
export interface LogSink {
  /** Takes all that a thread of this function writes. */
  collect(functionName: string, stream: Readable): void;
  close(): Promise<void>;
}

/** One file for each function, `<directory>/<function>.log`, appended to. */
export function fileLogSink(directory: string): LogSink {
  makeFolder(directory);
  const files = new Map<string, WriteStream>();
  return sinkInto(files, (name) => {
    const known = files.get(name);
    if (known) return known;
    const file = appendTo(join(directory, `${name}.log`));
    files.set(name, file);
    return file;
  });
}

/**
 * One file for all functions, appended to.
 *
 * @throws {Error} when it cannot be opened
 */
export function oneFileLogSink(path: string): LogSink {
  const file = appendTo(path, openSync(path, 'a'));
  return sinkInto(new Map([[path, file]]), () => file);
}

function appendTo(path: string, fd?: number): WriteStream {
  const file = createWriteStream(path, { flags: 'a', ...(fd === undefined ? {} : { fd }) });
  file.setMaxListeners(0);
  file.on('error', () => file.destroy()); // a full disk costs logs, not executions
  return file;
}

function sinkInto(files: Map<string, WriteStream>, fileOf: (name: string) => WriteStream): LogSink {
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
