import { accessSync, constants, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** A disk that does not do what it should, for the user to put right. */
export class StorageProblem extends Error {
  constructor(message: string, cause: unknown) {
    super(message, { cause });
  }
}

/** What to say of the errors of the system; `folder` stands behind it. */
const systemErrors: Readonly<Record<string, string>> = {
  ENOSPC: 'no space left in',
  EDQUOT: 'the disk quota is used up in',
  EROFS: 'the file system is read-only in',
  EACCES: 'no permission to write in',
  EPERM: 'no permission to write in',
  ENOTDIR: 'a part of the path is a file in',
  EIO: 'the disk fails in',
};

/** The same of the primary error codes of SQLite. */
const databaseErrors: Readonly<Record<number, keyof typeof systemErrors>> = {
  3: 'EACCES',
  8: 'EROFS',
  10: 'EIO',
  13: 'ENOSPC',
};

/** SQLite cannot open a file, and does not say why. */
const cannotOpen = 14;

/**
 * Says what is wrong with the disk below a folder, and what to do.
 *
 * @param error of the system or of SQLite
 * @returns nothing when the error says nothing of the disk
 * @see https://www.sqlite.org/rescode.html (read 2026-11-28)
 */
export function storageProblem(error: unknown, folder: string): StorageProblem | undefined {
  if (error instanceof StorageProblem) return error;
  const { code = '', errcode = 0 } = error as { code?: string; errcode?: number };
  const primary = code === 'ERR_SQLITE_ERROR' ? errcode & 0xff : 0;
  const name = primary === cannotOpen ? whyNotWritable(folder) : (databaseErrors[primary] ?? code);
  const what = systemErrors[name];
  if (what === undefined) return undefined;
  const isFull = name === 'ENOSPC' || name === 'EDQUOT';
  const todo = isFull ? 'make room, then redrive what was under way' : 'use a folder that can be written to';
  return new StorageProblem(`${what} ${folder}: ${todo}`, error);
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
 * Makes a folder and those around it, unless they are there. Node's own recursive way tries for ever where no folder
 * can be made (`/proc`), and says ENOENT of a read-only file system.
 *
 * @throws {StorageProblem} that says why it cannot be made
 */
export function makeFolder(folder: string): void {
  try {
    mkdirSync(folder);
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === 'EEXIST' && statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) return;
    const around = dirname(folder);
    if (code === 'ENOENT' && statSync(around, { throwIfNoEntry: false }) === undefined && around !== folder) {
      makeFolder(around);
      makeFolder(folder);
      return;
    }
    throw storageProblem(error, folder) ?? cannotMake(folder, code, error);
  }
}

function cannotMake(folder: string, code: string | undefined, error: unknown): StorageProblem {
  const why = code === 'EEXIST' ? 'there is a file of that name' : 'its file system takes no new folders';
  return new StorageProblem(`cannot make the folder ${folder}: ${why}`, error);
}
