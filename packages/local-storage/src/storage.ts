import { accessSync, constants, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** A disk cannot store data. The message names the folder, the cause and what the user can do. */
export class StorageError extends Error {
  constructor(message: string, cause: unknown) {
    super(message, { cause });
  }
}

/** Causes by the error code of the operating system. The folder follows them in the message. */
const systemErrors: Readonly<Record<string, string>> = {
  ENOSPC: 'no space left in',
  EDQUOT: 'the disk quota is used up in',
  EROFS: 'the file system is read-only in',
  EACCES: 'no permission to write in',
  EPERM: 'no permission to write in',
  ENOTDIR: 'a part of the path is a file in',
  EIO: 'the disk has an input or output error in',
};

/** Codes of the operating system by the primary error codes of SQLite. */
const databaseErrors: Readonly<Record<number, keyof typeof systemErrors>> = {
  3: 'EACCES',
  8: 'EROFS',
  10: 'EIO',
  13: 'ENOSPC',
};

/** SQLite's code for a file that cannot be opened. It does not say why. */
const cannotOpen = 14;

/**
 * Turns an error about the disk into one that names the folder, the cause and what to do.
 *
 * @param error an error of the operating system or of SQLite
 * @param folder the folder that the error is about
 * @returns undefined when the error is not about the disk
 * @see https://www.sqlite.org/rescode.html (read 2026-11-28)
 */
export function toStorageError(error: unknown, folder: string): StorageError | undefined {
  if (error instanceof StorageError) return error;
  const { code = '', errcode = 0 } = error as { code?: string; errcode?: number };
  const primary = code === 'ERR_SQLITE_ERROR' ? errcode & 0xff : 0;
  const name = primary === cannotOpen ? whyNotWritable(folder) : (databaseErrors[primary] ?? code);
  const what = systemErrors[name];
  if (what === undefined) return undefined;
  const isFull = name === 'ENOSPC' || name === 'EDQUOT';
  const advice = isFull
    ? 'make room, then redrive the executions that stopped'
    : 'use a folder that can be written to';
  return new StorageError(`${what} ${folder}: ${advice}`, error);
}

function whyNotWritable(folder: string): string {
  try {
    accessSync(folder, constants.W_OK);
    return 'EIO';
  } catch (error) {
    return (error as { code: string }).code;
  }
}

/**
 * Makes a folder and its parents unless they exist. `mkdirSync` with `recursive` is not used: it never returns where no
 * folder can be made (`/proc`), and reports ENOENT for a read-only file system.
 *
 * @throws {StorageError} when the folder cannot be made
 */
export function makeFolder(folder: string): void {
  try {
    mkdirSync(folder);
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === 'EEXIST' && statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) return;
    const parent = dirname(folder);
    if (code === 'ENOENT' && statSync(parent, { throwIfNoEntry: false }) === undefined && parent !== folder) {
      makeFolder(parent);
      makeFolder(folder);
      return;
    }
    throw toStorageError(error, folder) ?? cannotMake(folder, code, error);
  }
}

function cannotMake(folder: string, code: string | undefined, error: unknown): StorageError {
  const why =
    code === 'EEXIST' ? 'a file with that name exists' : 'its file system does not accept new folders';
  return new StorageError(`cannot make the folder ${folder}: ${why}`, error);
}
