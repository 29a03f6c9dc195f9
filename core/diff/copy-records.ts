import { compareKeys } from '../model/bytes.ts';
import type { CopyRecord, CopyRecordFile } from '../model/copy-records.ts';
import { CopyError } from '../model/errors.ts';
import type { Selected } from '../model/paths.ts';
import { findIndex, readCopyRecords } from '../run/copy-record-files.ts';
import { logger } from '../run/log.ts';
import type { CopyRecordFolder, Run } from '../run/open-run.ts';
import type { Entry } from './entries.ts';

const entriesAtOnce = 1_000;

/**
 * Reads the copy records of earlier runs in byte order, one file at a time, only forward. After a file that cannot be
 * read there are none: S3 is then asked as if there had never been any.
 */
export class CopyRecordReader {
  readonly #from: CopyRecordFolder | undefined;
  #files: readonly CopyRecordFile[] = [];
  #etag: string | undefined;
  #next = 0;
  #copyRecords: readonly CopyRecord[] = [];
  #index = 0;
  #passed: string | undefined;
  #problem: string | undefined;

  private constructor(from: CopyRecordFolder | undefined) {
    this.#from = from;
  }

  /** A reader of no copy records. */
  static get none(): CopyRecordReader {
    return new CopyRecordReader(undefined);
  }

  /** Begins to read the copy records of a run, if it may use any. */
  static async open({ copyRequest, copyRecords }: Run): Promise<CopyRecordReader> {
    const reader = new CopyRecordReader(copyRequest.compare === 'content' ? copyRecords : undefined);
    await reader.#trying(() => reader.#open());
    return reader;
  }

  /** What was wrong with them, as text. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Whether `current` can be asked without waiting. */
  get isReady(): boolean {
    return this.#index < this.#copyRecords.length || this.#next >= this.#files.length;
  }

  /** The current copy record, or undefined at the end. Read it only if `isReady`. */
  get current(): CopyRecord | undefined {
    return this.#copyRecords[this.#index];
  }

  /** Goes to the next copy record. */
  advance(): void {
    this.#passed = this.current?.key ?? this.#passed;
    this.#index += 1;
  }

  /** Resolves when `current` is available. */
  async load(): Promise<void> {
    while (!this.isReady) await this.#trying(() => this.#read());
  }

  /** Moves to the first copy record at or after a key. Files that lie completely before it are not read. */
  async seek(key: string): Promise<void> {
    const isPassed = (at: number): boolean => {
      const behind = this.#files[at + 1];
      return behind !== undefined && compareKeys(behind.first, key) <= 0;
    };
    if (isPassed(this.#next - 1)) this.#index = this.#copyRecords.length;
    while (this.#index >= this.#copyRecords.length && isPassed(this.#next)) this.#next += 1;
    await this.load();
    while (this.current !== undefined && compareKeys(this.current.key, key) < 0) {
      this.advance();
      if (!this.isReady) await this.load();
    }
  }

  async #open(): Promise<void> {
    if (this.#from === undefined) return;
    const { files, etag, problem } = await findIndex(this.#from);
    this.#files = files;
    this.#etag = etag;
    this.#warn(problem);
  }

  async #read(): Promise<void> {
    const file = this.#files[this.#next] as CopyRecordFile;
    const found = await readCopyRecords(this.#from as CopyRecordFolder, file);
    if (found.isGone === true && (await this.#hasMoved(file.first))) return;
    const passed = this.#passed;
    this.#copyRecords = found.copyRecords.filter(
      ({ key }) => passed === undefined || compareKeys(key, passed) > 0,
    );
    this.#index = 0;
    this.#next = found.problem === undefined ? this.#next + 1 : this.#files.length;
    this.#warn(found.problem);
  }

  /** A report that ended meanwhile has written new files and removed the ones that they replace. */
  async #hasMoved(first: string): Promise<boolean> {
    const before = this.#etag;
    await this.#open();
    if (this.#etag === before) return false;
    const behind = this.#files.findIndex((file) => compareKeys(file.first, first) > 0);
    this.#next = Math.max(0, (behind === -1 ? this.#files.length : behind) - 1);
    return true;
  }

  /** No trouble with copy records is worth a run: at worst it asks S3 more than it would have to. */
  async #trying(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof CopyError)) throw error;
      this.#copyRecords = [];
      this.#next = this.#files.length;
      this.#warn(error.message);
    }
  }

  #warn(problem: string | undefined): void {
    if (problem === undefined) return;
    this.#problem ??= problem;
    logger.warn('copy-records-unreadable', { problem });
  }
}

/** A copy record of a key that the source does not have any more: nothing is decided on it. */
const goneEntry = (copyRecord: CopyRecord): Entry => ({
  key: copyRecord.key,
  target: copyRecord.key,
  source: 'lacking',
  copyRecord,
});

/** Looked-up entries with their copy records. */
export async function* withCopyRecords(
  chunks: AsyncIterable<readonly Entry[]>,
  copyRecords: CopyRecordReader,
): AsyncGenerator<readonly Entry[]> {
  for await (const chunk of chunks) {
    const joined: Entry[] = [];
    for (const entry of chunk) {
      await copyRecords.seek(entry.key);
      joined.push(joinedWith(entry, copyRecords));
    }
    yield joined;
  }
}

function joinedWith(entry: Entry, copyRecords: CopyRecordReader): Entry {
  const copyRecord = copyRecords.current;
  if (copyRecord?.key !== entry.key) return entry;
  copyRecords.advance();
  return { ...entry, copyRecord };
}

/**
 * Adds copy records, the third sequence of the merge, to listed entries. A copy record whose key was not listed becomes
 * an entry of its own, for which nothing is decided.
 *
 * @param after only keys after this source key
 */
export async function* joinCopyRecords(
  chunks: AsyncIterable<readonly Entry[]>,
  copyRecords: CopyRecordReader,
  { prefix, longer }: Selected & { kind: 'prefix' },
  after: string | undefined,
): AsyncGenerator<readonly Entry[]> {
  const from = after ?? prefix;
  await copyRecords.seek(from);
  if (copyRecords.current?.key === from && (after !== undefined || longer === true)) copyRecords.advance();
  const gone = async (until: string | undefined): Promise<Entry[]> => {
    const entries: Entry[] = [];
    while (entries.length < entriesAtOnce) {
      if (!copyRecords.isReady) await copyRecords.load();
      const copyRecord = copyRecords.current;
      if (copyRecord === undefined || !copyRecord.key.startsWith(prefix)) return entries;
      if (until !== undefined && compareKeys(copyRecord.key, until) >= 0) return entries;
      entries.push(goneEntry(copyRecord));
      copyRecords.advance();
    }
    return entries;
  };
  for await (const chunk of chunks) {
    const joined: Entry[] = [];
    for (const entry of chunk) {
      for (let some = await gone(entry.key); some.length > 0; some = await gone(entry.key)) {
        yield [...joined.splice(0), ...some];
      }
      joined.push(joinedWith(entry, copyRecords));
    }
    yield joined;
  }
  for (let some = await gone(undefined); some.length > 0; some = await gone(undefined)) yield some;
}
