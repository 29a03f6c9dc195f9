import type * as z from 'zod';
import { guessContentType } from '../model/content-types.ts';
import { CopyError } from '../model/errors.ts';
import { hasStatus, S3Error } from '../s3/failures.ts';
import type { CopiedPart, ObjectStore, SmallObject, WriteCondition } from '../s3/object-store.ts';
import { RequestLimiter } from '../s3/request-limiter.ts';

const filesInFlight = 64;

/** The state of a file. Only a writer that has read the last state can change it. */
export interface Checkpoint<T> {
  readonly value: T;
  /** ETag of the state read; left out when there was none. */
  readonly etag?: string;
  /** Milliseconds since 1970, by the clock of S3; left out of a state that was not read. */
  readonly lastModified?: number;
}

/** A file as a listing shows it. */
export interface ListedFile {
  readonly path: string;
  readonly etag: string;
  /** Milliseconds since 1970. */
  readonly lastModified: number;
}

/** Files that one request deletes. */
const deletedAtOnce = 1_000;

/** Files in a folder of the work bucket. Paths are below that folder. */
export class WorkFiles {
  readonly #store: ObjectStore;
  readonly #bucket: string;
  readonly #folder: string;
  readonly #limiter = new RequestLimiter(filesInFlight);

  constructor(store: ObjectStore, bucket: string, folder: string) {
    this.#store = store;
    this.#bucket = bucket;
    this.#folder = folder;
  }

  /** Where a file is, for people. */
  locate(path: string): string {
    return `s3://${this.#bucket}/${this.#folder}${path}`;
  }

  /**
   * Reads a file that may be absent.
   *
   * @throws {CopyError} `RunFileError` when it is not of the schema
   */
  async find<T>(path: string, schema: z.ZodType<T>): Promise<T | undefined> {
    return (await this.checkpoint(path, schema))?.value;
  }

  /** Reads a file that must be there: one that has expired is an error, not an empty result. */
  async read<T>(path: string, schema: z.ZodType<T>): Promise<T> {
    const value = await this.find(path, schema);
    if (value === undefined) throw this.#missing(path);
    return value;
  }

  /** Reads a file as it is, with the state that `commit` needs. */
  text(path: string): Promise<{ readonly etag: string; readonly text: string } | undefined> {
    return this.#get(path);
  }

  /** Reads a file with the state that `commit` needs. */
  async checkpoint<T>(path: string, schema: z.ZodType<T>): Promise<Checkpoint<T> | undefined> {
    const file = await this.#get(path);
    if (file === undefined) return undefined;
    const parsed = parseAs(schema, file.text);
    if ('value' in parsed) return { value: parsed.value, etag: file.etag, lastModified: file.lastModified };
    throw new CopyError(
      'RunFileError',
      `${this.locate(path)} is not a file of this version: ${parsed.problem}`,
    );
  }

  /** Writes a file, whatever was there. */
  async write(path: string, value: unknown): Promise<void> {
    await this.writeText(path, JSON.stringify(value));
  }

  /** Writes a file as it is. */
  async writeText(path: string, text: string | Uint8Array): Promise<void> {
    await this.#put(path, text, {});
  }

  /**
   * Changes a file if it still has the state that was read.
   *
   * @returns undefined when another invocation was first: read again and continue from there
   */
  async commit<T>(
    path: string,
    value: T,
    before: Checkpoint<unknown> | undefined,
  ): Promise<Checkpoint<T> | undefined> {
    const text = JSON.stringify(value);
    const condition = before?.etag === undefined ? { ifAbsent: true as const } : { ifMatch: before.etag };
    try {
      const { etag } = await this.#put(path, text, condition);
      return { value, etag };
    } catch (error) {
      if (!hasStatus(error, 409, 412, 404)) throw error;
      const found = await this.#get(path);
      // Our own first attempt may have arrived although its answer did not.
      return found?.text === text ? { value, etag: found.etag } : undefined;
    }
  }

  /**
   * The lines of a JSON Lines file, parsed.
   *
   * @throws {CopyError} `RunFileError` when it is missing or a line is not of the schema
   */
  async lines<T>(path: string, schema: z.ZodType<T>): Promise<T[]> {
    const file = await this.#get(path);
    if (file === undefined) throw this.#missing(path);
    const texts = file.text.split('\n');
    if (texts.at(-1) === '') texts.pop();
    return texts.map((text, index) => {
      const parsed = parseAs(schema, text);
      if ('value' in parsed) return parsed.value;
      throw new CopyError('RunFileError', `line ${index + 1} of ${this.locate(path)}: ${parsed.problem}`);
    });
  }

  /** Writes values as JSON Lines. */
  async writeLines(path: string, values: readonly unknown[]): Promise<void> {
    await this.writeText(path, values.map((value) => `${JSON.stringify(value)}\n`).join(''));
  }

  /** Joins files, each but the last of at least 5 MiB, without reading them. */
  async join(paths: readonly string[], path: string): Promise<void> {
    const target = { bucket: this.#bucket, key: this.#folder + path };
    const properties = { ContentType: guessContentType(path) };
    const { uploadId } = await this.#send(() => this.#store.createUpload(target, properties));
    let size = 0;
    const copy = async (part: string, index: number): Promise<CopiedPart> => {
      const source = { bucket: this.#bucket, key: this.#folder + part };
      const head = await this.#send(() => this.#store.head(source));
      if (head === undefined) throw this.#missing(part);
      size += head.size;
      const from = { source, sourceEtag: head.etag, target, uploadId, number: index + 1 };
      return this.#send(() => this.#store.copyPart(from));
    };
    const parts = await Promise.all(paths.map(copy));
    await this.#send(() => this.#store.completeUpload(target, { uploadId, parts, size, condition: {} }));
  }

  /** Paths of the files below a folder, in byte order. */
  async *list(folder: string, after = ''): AsyncGenerator<string> {
    for await (const { path } of this.listed(folder, after)) yield path;
  }

  /** The files below a folder, in byte order of their paths. */
  async *listed(folder: string, after = ''): AsyncGenerator<ListedFile> {
    const from = after === '' ? {} : { after: this.#folder + after };
    let next: string | undefined;
    do {
      const start = next === undefined ? from : { next };
      const page = await this.#send(() => this.#store.list(this.#bucket, this.#folder + folder, start));
      for (const { key, ...file } of page.objects) yield { path: key.slice(this.#folder.length), ...file };
      next = page.next;
    } while (next !== undefined);
  }

  /** Names of the folders right below this one. */
  async *folders(): AsyncGenerator<string> {
    let next: string | undefined;
    do {
      const from = next;
      const page = await this.#send(() => this.#store.listFolders(this.#bucket, this.#folder, from));
      for (const folder of page.folders) yield folder.slice(this.#folder.length, -1);
      next = page.next;
    } while (next !== undefined);
  }

  /** Deletes files that still are what was listed. What S3 does not delete is left for another time. */
  async remove(files: readonly ListedFile[]): Promise<void> {
    for (let start = 0; start < files.length; start += deletedAtOnce) {
      const some = files.slice(start, start + deletedAtOnce);
      const objects = some.map(({ path, etag }) => ({ key: this.#folder + path, etag }));
      await this.#send(() => this.#store.deleteMany(this.#bucket, objects));
    }
  }

  #get(path: string): Promise<SmallObject | undefined> {
    return this.#send(() => this.#store.get({ bucket: this.#bucket, key: this.#folder + path }));
  }

  #put(
    path: string,
    text: string | Uint8Array,
    condition: WriteCondition,
  ): Promise<{ readonly etag: string }> {
    return this.#send(() =>
      this.#store.put({ bucket: this.#bucket, key: this.#folder + path }, text, condition),
    );
  }

  /** What fails here is never the fault of an object: it ends the task, and the state machine may repeat it. */
  async #send<T>(send: () => Promise<T>): Promise<T> {
    try {
      return await this.#limiter.send(send);
    } catch (error) {
      if (!(error instanceof S3Error) || hasStatus(error, 404, 409, 412)) throw error;
      const name = error.passing ? 'StorageError' : 'RunFileError';
      throw new CopyError(name, `work bucket: ${error.message}`, {}, { cause: error });
    }
  }

  #missing(path: string): CopyError {
    const advice = 'files of a run expire after 60 days; start a new run';
    return new CopyError('RunFileError', `${this.locate(path)} is missing: ${advice}`);
  }
}

const runsFolder = 'runs/';

/** The files of one run: `runs/<run>/`. */
export class RunFiles extends WorkFiles {
  constructor(store: ObjectStore, bucket: string, run: string) {
    super(store, bucket, `${runsFolder}${run}/`);
  }
}

/** The files of all runs; paths begin with the name of the run. */
export class AllRuns extends WorkFiles {
  constructor(store: ObjectStore, bucket: string) {
    super(store, bucket, runsFolder);
  }
}

/** Parses a text that may not be JSON, since another program may have written the file. */
export function parseAs<T>(
  schema: z.ZodType<T>,
  text: string,
): { readonly value: T } | { readonly problem: string } {
  try {
    const parsed = schema.safeParse(JSON.parse(text));
    return parsed.success ? { value: parsed.data } : { problem: parsed.error.message };
  } catch (error) {
    return { problem: (error as Error).message };
  }
}
