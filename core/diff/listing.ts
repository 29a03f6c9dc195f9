import { compareKeys, justBefore } from '../model/bytes.ts';
import type { CopyError } from '../model/errors.ts';
import { findTempFolder } from '../model/part-files.ts';
import { isTooLong } from '../model/paths.ts';
import { hasStatus } from '../s3/failures.ts';
import type { ListedObject, ObjectStore, Page } from '../s3/object-store.ts';
import type { RequestLimiter } from '../s3/request-limiter.ts';

/** What a listing goes over. */
export interface ListingOptions {
  readonly store: ObjectStore;
  readonly limiter: RequestLimiter;
  readonly bucket: string;
  readonly prefix: string;
  /** What is said where it is denied. */
  readonly denied: () => CopyError;
  /** Only keys after this one. */
  readonly after?: string;
  /** Part files below this prefix are passed over, a folder at a time. */
  readonly tempPrefix?: string;
}

/** A key after all keys of a folder of part files: `0` follows `/` in ASCII. */
const behindParts = (folder: string): string => `${folder}/parts0`;

/** The beginning of a text that is longer than a key may be: a mapping may lengthen the key to begin behind. */
function cut(after: string): string {
  let text = after;
  while (isTooLong(text)) text = [...text].slice(0, -1).join('');
  return text;
}

/** Keys under a prefix in byte order, page by page; the next page is fetched while one is read. */
export class Listing {
  readonly #of: ListingOptions;
  #objects: readonly ListedObject[] = [];
  #index = 0;
  #coming: Promise<Page> | undefined;
  #passed: string | undefined;

  constructor(of: ListingOptions) {
    this.#of = of;
    this.#coming = this.#fetch({ after: cut(of.after ?? '') });
  }

  /** The last key that was listed, part files included. Undefined before the first page. */
  get passed(): string | undefined {
    return this.#passed;
  }

  /** Whether `current` can be asked without waiting. */
  get isReady(): boolean {
    return this.#index < this.#objects.length || this.#coming === undefined;
  }

  /** The current object, or undefined at the end. Read it only if `isReady`. */
  get current(): ListedObject | undefined {
    return this.#objects[this.#index];
  }

  /** Goes to the next object. */
  advance(): void {
    this.#index += 1;
  }

  /**
   * Moves to the first object at or after a key. If many keys lie before it, a new listing skips them.
   *
   * @param isLate whether the deadline has passed; asked before each request
   * @returns false when the deadline passed first
   */
  async seek(key: string, isLate: () => boolean): Promise<boolean> {
    while (true) {
      while (this.current !== undefined && compareKeys(this.current.key, key) < 0) this.advance();
      if (this.current !== undefined || this.#coming === undefined) return true;
      if (isLate()) return false;
      await this.load();
      // A whole page before the key: it is far away.
      const isFar = this.#coming !== undefined && compareKeys(this.#objects.at(-1)?.key ?? '', key) < 0;
      if (isFar) this.#restart(justBefore(key));
    }
  }

  /** Resolves when `current` is available. */
  async load(): Promise<void> {
    while (!this.isReady) await this.loadPage();
  }

  /** Waits for one page, which may hold part files alone. Ask when not ready. */
  async loadPage(): Promise<void> {
    const page = await (this.#coming as Promise<Page>);
    this.#passed = page.objects.at(-1)?.key ?? this.#passed;
    this.#objects = this.#wanted(page.objects);
    this.#index = 0;
    this.#coming = this.#following(page);
  }

  #restart(after: string): void {
    this.#objects = [];
    this.#index = 0;
    this.#coming = this.#fetch({ after });
  }

  #following(page: Page): Promise<Page> | undefined {
    if (page.next === undefined) return undefined;
    const last = page.objects.at(-1)?.key ?? '';
    const folder = this.#tempFolder(last);
    const isAmongParts = folder !== undefined && compareKeys(last, behindParts(folder)) < 0;
    // The rest of a folder of part files is not worth a request a thousand.
    return this.#fetch(isAmongParts ? { after: behindParts(folder) } : { next: page.next });
  }

  #wanted(objects: readonly ListedObject[]): readonly ListedObject[] {
    const { after = '', tempPrefix } = this.#of;
    const behind = cut(after) === after ? objects : objects.filter(({ key }) => compareKeys(key, after) > 0);
    if (tempPrefix === undefined) return behind;
    return behind.filter(({ key }) => this.#tempFolder(key) === undefined);
  }

  #tempFolder(key: string): string | undefined {
    const { tempPrefix } = this.#of;
    return tempPrefix === undefined ? undefined : findTempFolder(tempPrefix, key);
  }

  #fetch(from: { readonly next?: string; readonly after?: string }): Promise<Page> {
    const { store, limiter, bucket, prefix, denied } = this.#of;
    const page = limiter
      .send(() => store.list(bucket, prefix, from))
      .catch((error) => {
        throw hasStatus(error, 403) ? denied() : error;
      });
    // The reader of this page gets its error; until then it must not end the process.
    page.catch(() => undefined);
    return page;
  }
}
