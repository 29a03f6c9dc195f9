import { createWriteStream, openSync, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { makeFolder } from 'local-storage/storage';

/** Receives the standard output and error of functions, which must not mix with those of this process. */
export interface LogSink {
  /** Collects what a thread of this function writes. */
  collect(functionName: string, stream: Readable): void;
  close(): Promise<void>;
}

/** Appends to one file per function, `<directory>/<function>.log`. */
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
 * Appends the output of all functions to one file.
 *
 * @throws {Error} when the file cannot be opened
 */
export function oneFileLogSink(path: string): LogSink {
  const file = appendTo(path, openSync(path, 'a'));
  return sinkInto(new Map([[path, file]]), () => file);
}

function appendTo(path: string, fd?: number): WriteStream {
  const file = createWriteStream(path, { flags: 'a', ...(fd === undefined ? {} : { fd }) });
  file.setMaxListeners(0);
  file.on('error', () => file.destroy()); // when the disk is full, logs are lost but executions continue
  return file;
}

function sinkInto(files: Map<string, WriteStream>, openFile: (name: string) => WriteStream): LogSink {
  return {
    collect: (name, stream) => {
      const file = openFile(name);
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
