import { compareKeys } from '../model/bytes.ts';
import type { Receipt, ReceiptFile } from '../model/copy-records.ts';
import { CopyError } from '../model/errors.ts';
import type { Selected } from '../model/paths.ts';
import { findIndex, readReceipts } from '../run/copy-record-files.ts';
import { logger } from '../run/log.ts';
import type { Receipts, Run } from '../run/open-run.ts';
import type { Entry } from './entries.ts';

const entriesAtOnce = 1_000;

/**
 * The receipts of earlier runs in byte order, a file at a time. It only goes forward. Where they cannot be read there
 * are none from there on: then S3 is asked as if there had never been any.
 */
export class ReceiptReader {
  readonly #from: Receipts | undefined;
  #files: readonly ReceiptFile[] = [];
  #etag: string | undefined;
  #next = 0;
  #receipts: readonly Receipt[] = [];
  #index = 0;
  #passed: string | undefined;
  #problem: string | undefined;

  private constructor(from: Receipts | undefined) {
    this.#from = from;
  }

  /** A reader of no receipts. */
  static get none(): ReceiptReader {
    return new ReceiptReader(undefined);
  }

  /** Begins to read the receipts of a run, if it may use any. */
  static async open({ request, receipts }: Run): Promise<ReceiptReader> {
    const reader = new ReceiptReader(request.compare === 'content' ? receipts : undefined);
    await reader.#trying(() => reader.#open());
    return reader;
  }

  /** What was wrong with them, in words. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Whether `current` can be asked without waiting. */
  get isReady(): boolean {
    return this.#index < this.#receipts.length || this.#next >= this.#files.length;
  }

  /** The receipt at hand, or undefined at the end. Ask when ready. */
  get current(): Receipt | undefined {
    return this.#receipts[this.#index];
  }

  /** Goes to the next receipt. */
  advance(): void {
    this.#passed = this.current?.key ?? this.#passed;
    this.#index += 1;
  }

  /** Waits until `current` tells. */
  async load(): Promise<void> {
    while (!this.isReady) await this.#trying(() => this.#read());
  }

  /** Goes to the first receipt at or behind a key. Files that lie wholly before it are not read. */
  async seek(key: string): Promise<void> {
    const isPassed = (at: number): boolean => {
      const behind = this.#files[at + 1];
      return behind !== undefined && compareKeys(behind.first, key) <= 0;
    };
    if (isPassed(this.#next - 1)) this.#index = this.#receipts.length;
    while (this.#index >= this.#receipts.length && isPassed(this.#next)) this.#next += 1;
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
    const file = this.#files[this.#next] as ReceiptFile;
    const found = await readReceipts(this.#from as Receipts, file);
    if (found.isGone === true && (await this.#hasMoved(file.first))) return;
    const passed = this.#passed;
    this.#receipts = found.receipts.filter(({ key }) => passed === undefined || compareKeys(key, passed) > 0);
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

  /** No trouble with receipts is worth a run: at worst it asks S3 more than it would have to. */
  async #trying(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof CopyError)) throw error;
      this.#receipts = [];
      this.#next = this.#files.length;
      this.#warn(error.message);
    }
  }

  #warn(problem: string | undefined): void {
    if (problem === undefined) return;
    this.#problem ??= problem;
    logger.warn('receipts-unreadable', { problem });
  }
}

/** A receipt of a key that the source does not have any more: nothing is decided on it. */
const goneEntry = (receipt: Receipt): Entry => ({
  key: receipt.key,
  target: receipt.key,
  source: 'lacking',
  receipt,
});

/** Looked-up entries with their receipts. */
export async function* withReceipts(
  batches: AsyncIterable<readonly Entry[]>,
  receipts: ReceiptReader,
): AsyncGenerator<readonly Entry[]> {
  for await (const batch of batches) {
    const joined: Entry[] = [];
    for (const entry of batch) {
      await receipts.seek(entry.key);
      joined.push(joinedWith(entry, receipts));
    }
    yield joined;
  }
}

function joinedWith(entry: Entry, receipts: ReceiptReader): Entry {
  const receipt = receipts.current;
  if (receipt?.key !== entry.key) return entry;
  receipts.advance();
  return { ...entry, receipt };
}

/**
 * Listed entries with their receipts: the third sequence of the merge. Receipts of keys that were not listed come as
 * entries of their own, behind which nothing is left to decide.
 *
 * @param after source key to begin behind
 */
export async function* joinReceipts(
  batches: AsyncIterable<readonly Entry[]>,
  receipts: ReceiptReader,
  { prefix, longer }: Selected & { kind: 'prefix' },
  after: string | undefined,
): AsyncGenerator<readonly Entry[]> {
  const from = after ?? prefix;
  await receipts.seek(from);
  if (receipts.current?.key === from && (after !== undefined || longer === true)) receipts.advance();
  const gone = async (until: string | undefined): Promise<Entry[]> => {
    const entries: Entry[] = [];
    while (entries.length < entriesAtOnce) {
      if (!receipts.isReady) await receipts.load();
      const receipt = receipts.current;
      if (receipt === undefined || !receipt.key.startsWith(prefix)) return entries;
      if (until !== undefined && compareKeys(receipt.key, until) >= 0) return entries;
      entries.push(goneEntry(receipt));
      receipts.advance();
    }
    return entries;
  };
  for await (const batch of batches) {
    const joined: Entry[] = [];
    for (const entry of batch) {
      for (let some = await gone(entry.key); some.length > 0; some = await gone(entry.key)) {
        yield [...joined.splice(0), ...some];
      }
      joined.push(joinedWith(entry, receipts));
    }
    yield joined;
  }
  for (let some = await gone(undefined); some.length > 0; some = await gone(undefined)) yield some;
}
