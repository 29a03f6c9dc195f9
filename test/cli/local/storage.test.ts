import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { makeFolder, toStorageError } from 'local-storage/storage';
import { afterAll, describe, expect, it } from 'vitest';
import { Database } from '../../../packages/sandbox-s3/src/index/database.ts';
import { openDatabase } from '../../../packages/step-functions-local/src/store/database.ts';
import { Transactions } from '../../../packages/step-functions-local/src/store/transaction.ts';

const folder = mkdtempSync(join(tmpdir(), 's3copy-storage-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** More bytes than fit into the free pages of a small database. */
const large = Buffer.alloc(1_000_000);

describe('a folder', () => {
  it('makeFolder creates a folder and its parents, and accepts an existing folder', () => {
    const deep = join(folder, 'a', 'b', 'c');
    makeFolder(deep);
    makeFolder(deep);
    expect(existsSync(deep)).toBe(true);
  });

  // Node's mkdir with `recursive` never returns for such a folder.
  it.skipIf(process.platform !== 'linux')(
    'makeFolder refuses a folder that the file system cannot create',
    () => {
      expect(() => makeFolder('/proc/x/y')).toThrow(
        'cannot make the folder /proc/x: its file system does not accept new folders',
      );
    },
  );

  it('makeFolder refuses the path of a file and a path inside a file', () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    expect(() => makeFolder(file)).toThrow(`cannot make the folder ${file}: a file with that name exists`);
    expect(() => makeFolder(join(file, 'x'))).toThrow(
      `a part of the path is a file in ${file}/x: use a folder that can be written to`,
    );
  });
});

describe('an error of the disk', () => {
  it.each([
    ['ENOSPC', 'no space left in /data: make room, then redrive the executions that stopped'],
    ['EDQUOT', 'the disk quota is used up in /data: make room, then redrive the executions that stopped'],
    ['EROFS', 'the file system is read-only in /data: use a folder that can be written to'],
    ['EACCES', 'no permission to write in /data: use a folder that can be written to'],
  ])('the storage error for %s says what is wrong and what to do', (code, message) => {
    expect(toStorageError(Object.assign(new Error('x'), { code }), '/data')?.message).toBe(message);
  });

  it.each([
    [13, 'no space left in'],
    [778, 'the disk has an input or output error in'],
    [1032, 'the file system is read-only in'],
  ])('the storage error for code %d of SQLite says what is wrong', (errcode, message) => {
    const error = Object.assign(new Error('x'), { code: 'ERR_SQLITE_ERROR', errcode });
    expect(toStorageError(error, '/data')?.message).toContain(message);
  });

  it('an error that is not about the disk is not a storage error', () => {
    expect(toStorageError(new Error('x'), '/data')).toBeUndefined();
    expect(toStorageError(Object.assign(new Error('x'), { code: 'ENOENT' }), '/data')).toBeUndefined();
  });
});

describe('a full disk', () => {
  it('a transaction of the engine on a full disk fails with a storage error and is rolled back', () => {
    const db = new DatabaseSync(':memory:');
    db.exec('create table t (x blob); pragma max_page_count = 4');
    const transactions = new Transactions(db, '/data');
    const insert = db.prepare('insert into t values (?)');

    const full = () =>
      transactions.run(() => {
        insert.run(Buffer.alloc(1));
        insert.run(large);
      });

    expect(full).toThrow('no space left in /data: make room');
    expect(db.prepare('select count(*) as n from t').get()).toEqual({ n: 0 });
    db.exec('pragma max_page_count = 4294967294');
    transactions.run(() => insert.run(large));
    expect(db.prepare('select count(*) as n from t').get()).toEqual({ n: 1 });
    db.close();
  });

  it('a transaction of the sandbox store on a full disk fails with a storage error and is rolled back', () => {
    const data = join(folder, 'store');
    const db = new Database(data);
    db.get('PRAGMA max_page_count = 1');
    const insert = () => db.run('INSERT INTO blobs (id, size, refs, bytes) VALUES (1, 1, 0, ?)', large);

    expect(() => db.transaction(insert)).toThrow(`no space left in ${data}: make room`);
    expect(insert).toThrow(`no space left in ${data}: make room`);

    db.get('PRAGMA max_page_count = 4294967294');
    expect(db.transaction(insert)).toMatchObject({ changes: 1 });
    db.close();
  });
});

describe('a database that cannot be opened', () => {
  it.each([
    { what: 'the engine', open: openDatabase, file: 'executions.sqlite' },
    { what: 'the sandbox store', open: (data: string) => new Database(data), file: 'index.sqlite' },
  ])('the error for a broken database of $what does not say that it is in use', ({ open, file }) => {
    const data = mkdtempSync(join(folder, 'broken-'));
    writeFileSync(join(data, file), 'x'.repeat(5_000));
    expect(() => open(data)).toThrow(/file is not a database/);
    expect(() => open(data)).not.toThrow(/using it|uses it|in use/);
  });
});
