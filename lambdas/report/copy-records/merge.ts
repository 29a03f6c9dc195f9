import * as z from 'zod';
import { compareKeys } from '../../../core/model/bytes.ts';
import {
  type CopyRecord,
  CopyRecordFile,
  copyRecordPaths,
  cutIntoFiles,
  recordsInFile,
} from '../../../core/model/copy-records.ts';
import type { Deadline } from '../../../core/rules/deadline.ts';
import { readCopyRecords } from '../../../core/run/copy-record-files.ts';
import type { CopyRecordFolder } from '../../../core/run/open-run.ts';
import type { Changes } from './changes.ts';

/** How far a merge is. */
export const Merged = z.strictObject({
  /** Key up to which all changes and copy records are merged; empty at the beginning. */
  after: z.string(),
  /** Files of the old index that are merged wholly. */
  kept: z.int().nonnegative(),
  /** Files of the new index so far. */
  files: z.array(CopyRecordFile),
  /** What was wrong with an old file, as text. */
  problem: z.string().optional(),
});
export type Merged = z.infer<typeof Merged>;

/** A merge that begins. */
export const nothingMerged: Merged = { after: '', kept: 0, files: [] };

/** Fewer copy records than this are put together with those of the next file. */
const fewRecords = recordsInFile / 4;
/** Copy records that are written between two checkpoints, about. */
const recordsAtOnce = 1_000_000;

/** What a merge works with. */
export interface MergeOptions {
  readonly copyRecords: CopyRecordFolder;
  /** Files of the old index. */
  readonly old: readonly CopyRecordFile[];
  readonly changes: Changes;
  readonly deadline: Deadline;
  /** How names of new files start. No other writer uses it. */
  readonly prefix: string;
}

/**
 * Merges changes with the copy records of earlier runs, in byte order and in constant memory. A file whose keys lie
 * between two changes is taken over without being read; so is what lies outside of the run.
 */
export class Merge {
  readonly #options: MergeOptions;
  readonly #files: CopyRecordFile[];
  #kept: number;
  #after: string;
  #problem: string | undefined;
  /** Copy records of the current old file. Undefined before it is read. */
  #opened: readonly CopyRecord[] | undefined;
  #index = 0;
  #pending: CopyRecord[] = [];
  #written = 0;

  constructor(multipart: MergeOptions, { after, kept, files, problem }: Merged) {
    this.#options = multipart;
    this.#after = after;
    this.#kept = kept;
    this.#files = [...files];
    this.#problem = problem;
  }

  /** How far it is; all that was merged is written. */
  get merged(): Merged {
    const problem = this.#problem === undefined ? {} : { problem: this.#problem };
    return { after: this.#after, kept: this.#kept, files: [...this.#files], ...problem };
  }

  /**
   * Merges until everything is merged, the deadline passes or it is time for a checkpoint.
   *
   * @returns whether all is merged
   */
  async goOn(): Promise<boolean> {
    const { changes, deadline } = this.#options;
    const enough = this.#written + recordsAtOnce;
    while (this.#written < enough && !deadline.hasPassed()) {
      if (!changes.isReady) await changes.load();
      else if (!(await this.#step())) {
        await this.#flush();
        return true;
      }
    }
    await this.#flush();
    return false;
  }

  /** @returns false at the end */
  async #step(): Promise<boolean> {
    const { old, changes } = this.#options;
    const file = old[this.#kept];
    const change = this.#isInFile(changes.current?.key) ? changes.current : undefined;
    if (file === undefined && change === undefined) return false;
    if (file !== undefined && this.#opened === undefined) {
      if (change === undefined && this.#mayTakeOver(file)) await this.#takeOver(file);
      else await this.#open(file);
      return true;
    }
    const copyRecord = this.#opened?.[this.#index];
    if (change === undefined && copyRecord === undefined) this.#close();
    else if (
      change === undefined ||
      (copyRecord !== undefined && compareKeys(copyRecord.key, change.key) < 0)
    )
      await this.#use(copyRecord as CopyRecord);
    else await this.#useChange();
    return true;
  }

  /** Whether a key belongs into the current old file: it comes before the first key of the next file. */
  #isInFile(key: string | undefined): boolean {
    const next = this.#options.old[this.#kept + 1];
    return key !== undefined && (next === undefined || compareKeys(key, next.first) < 0);
  }

  /** Of a file that an earlier invocation has begun to merge, only the rest is left. */
  #mayTakeOver({ first }: CopyRecordFile): boolean {
    const isWhole = compareKeys(first, this.#after) > 0;
    return isWhole && (this.#pending.length === 0 || this.#pending.length >= fewRecords);
  }

  async #takeOver(file: CopyRecordFile): Promise<void> {
    await this.#flush();
    this.#files.push(file);
    this.#kept += 1;
  }

  async #open(file: CopyRecordFile): Promise<void> {
    const { copyRecords, problem } = await readCopyRecords(this.#options.copyRecords, file);
    this.#opened = copyRecords.filter(({ key }) => compareKeys(key, this.#after) > 0 && this.#isInFile(key));
    this.#index = 0;
    this.#problem ??= problem;
  }

  #close(): void {
    this.#opened = undefined;
    this.#kept += 1;
  }

  async #useChange(): Promise<void> {
    const change = this.#options.changes.current;
    if (change === undefined) return;
    this.#options.changes.advance();
    if (this.#opened?.[this.#index]?.key === change.key) this.#index += 1;
    this.#after = change.key;
    if (!('gone' in change)) await this.#add(change);
  }

  async #use(copyRecord: CopyRecord): Promise<void> {
    this.#index += 1;
    this.#after = copyRecord.key;
    await this.#add(copyRecord);
  }

  async #add(copyRecord: CopyRecord): Promise<void> {
    this.#pending.push(copyRecord);
    if (this.#pending.length >= 2 * recordsInFile) await this.#flush();
  }

  async #flush(): Promise<void> {
    const { copyRecords, prefix } = this.#options;
    for (const lines of cutIntoFiles(this.#pending)) {
      const name = `${prefix}-${String(this.#files.length + 1).padStart(6, '0')}`;
      await copyRecords.files.writeLines(copyRecordPaths.file(name), lines);
      this.#files.push({ name, first: lines[0]?.key ?? '', copyRecords: lines.length });
    }
    this.#written += this.#pending.length;
    this.#pending = [];
  }
}
