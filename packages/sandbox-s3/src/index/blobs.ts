import { createReadStream, readdirSync, rmSync } from 'node:fs';
import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder, StorageError, toStorageError } from 'local-storage/storage';
import type { Database } from './database.ts';

/** A range of bytes of a blob. */
export interface Segment {
  readonly blob: number;
  readonly offset: number;
  readonly length: number;
}

/** The bytes of an object or part, as ranges of immutable blobs. A copy refers to the same ranges and moves no bytes. */
export type Content = readonly Segment[];

/** Bodies of up to this many bytes are stored in the index. Each larger body has its own file. */
const inlineBytes = 32 * 1024;
/** Bytes read from a file at a time. */
const readBytes = 512 * 1024;

/** The size of a content in bytes. */
export function contentSize(content: Content): number {
  return content.reduce((sum, segment) => sum + segment.length, 0);
}

/** Joins contents. Adjacent ranges of a blob become one, so that a content has only one description. */
export function joinContents(contents: Iterable<Content>): Content {
  const joined: Segment[] = [];
  for (const content of contents) {
    for (const segment of content) {
      const last = joined.at(-1);
      if (last?.blob === segment.blob && last.offset + last.length === segment.offset) {
        joined[joined.length - 1] = { ...last, length: last.length + segment.length };
      } else joined.push(segment);
    }
  }
  return joined;
}

/** Takes the bytes `start` to `end` (inclusive) of a content. */
export function sliceContent(content: Content, start: number, end: number): Content {
  const slices: Segment[] = [];
  let at = 0;
  for (const { blob, offset, length } of content) {
    const from = Math.max(start - at, 0);
    const to = Math.min(end + 1 - at, length);
    if (to > from) slices.push({ blob, offset: offset + from, length: to - from });
    at += length;
  }
  return slices;
}

/**
 * The immutable sequences of bytes of the store.
 *
 * A blob exists once a transaction refers to it. A blob that loses its last reference is removed when it is no longer
 * being read. If the process is killed while it writes a blob, the next start removes the file.
 */
export class Blobs {
  readonly #db: Database;
  readonly #directory: string;
  readonly #pins = new Map<number, number>();
  readonly #unreferenced = new Set<number>();
  #next: number;

  constructor(db: Database, directory: string) {
    this.#db = db;
    this.#directory = directory;
    makeFolder(directory);
    db.run('DELETE FROM blobs WHERE refs <= 0');
    this.#next =
      (db.get<{ seq: number }>("SELECT seq FROM sqlite_sequence WHERE name = 'blobs'")?.seq ?? 0) + 1;
    this.#sweep();
  }

  #sweep(): void {
    for (const folder of readdirSync(this.#directory)) {
      for (const name of readdirSync(join(this.#directory, folder))) {
        const known = this.#db.get('SELECT 1 FROM blobs WHERE id = ? AND bytes IS NULL', Number(name));
        if (known === undefined) rmSync(join(this.#directory, folder, name));
      }
    }
  }

  #folder(id: number): string {
    return join(this.#directory, String(Math.floor(id / 1000)));
  }

  #path(id: number): string {
    return join(this.#folder(id), String(id));
  }

  /** Starts to write a new blob. */
  write(): BlobWriter {
    const id = this.#next++;
    return new BlobWriter(id, {
      open: async () => {
        await mkdir(this.#folder(id), { recursive: true });
        return open(this.#path(id), 'w');
      },
      explain: (error) => toStorageError(error, this.#directory) ?? error,
      remove: () => rm(this.#path(id), { force: true }),
    });
  }

  /** Adds a written blob to the index. Call it in the transaction that then makes the first reference. */
  register(writer: BlobWriter): void {
    if (writer.size === 0) return;
    this.#db.run(
      'INSERT INTO blobs (id, size, refs, bytes) VALUES (?, ?, 0, ?)',
      writer.id,
      writer.size,
      writer.inline() ?? null,
    );
  }

  /** Adds a reference to the blob of each segment. Call it in the transaction that stores the content. */
  retain(content: Content): void {
    for (const { blob } of content) this.#db.run('UPDATE blobs SET refs = refs + 1 WHERE id = ?', blob);
  }

  /** Removes a reference to the blob of each segment, and then the blobs without references. */
  release(content: Content): void {
    for (const { blob } of content) {
      const row = this.#db.get<{ refs: number; inline: number }>(
        'UPDATE blobs SET refs = refs - 1 WHERE id = ? RETURNING refs, bytes IS NOT NULL AS inline',
        blob,
      );
      if (row?.refs === 0) this.#removeLater(blob);
    }
  }

  #removeLater(id: number): void {
    this.#unreferenced.add(id);
    queueMicrotask(() => this.#removeIfFree(id));
  }

  // A pinned blob without references can get a reference again, when a copy of it is in progress: check before removing.
  #removeIfFree(id: number): void {
    if (!this.#unreferenced.has(id) || this.#pins.has(id)) return;
    this.#unreferenced.delete(id);
    if (!this.#forget(id)) return;
    void rm(this.#path(id), { force: true });
  }

  /** Removes the row of a blob. When a full disk prevents that, the next start removes it. */
  #forget(id: number): boolean {
    try {
      const { changes } = this.#db.run('DELETE FROM blobs WHERE id = ? AND refs <= 0', id);
      if (changes > 0) this.#db.run('DELETE FROM digests WHERE blob = ?', id);
      return changes > 0;
    } catch (error) {
      if (error instanceof StorageError) return false;
      throw error;
    }
  }

  /** Keeps the blobs of a content until the returned function is called, even if all references are removed. */
  pin(content: Content): () => void {
    for (const { blob } of content) this.#pins.set(blob, (this.#pins.get(blob) ?? 0) + 1);
    let pinned = true;
    return () => {
      if (!pinned) return;
      pinned = false;
      for (const { blob } of content) this.#unpin(blob);
    };
  }

  #unpin(id: number): void {
    const left = (this.#pins.get(id) ?? 1) - 1;
    if (left > 0) this.#pins.set(id, left);
    else this.#pins.delete(id);
    if (left <= 0) this.#removeIfFree(id);
  }

  /** The bytes of a content if they are in the index, so that no file is opened for small objects; otherwise undefined. */
  readSmall(content: Content): Buffer | undefined {
    if (content.length === 0) return Buffer.alloc(0);
    const only = content[0] as Segment;
    return content.length === 1 ? this.#inlineBytes(only) : undefined;
  }

  #inlineBytes({ blob, offset, length }: Segment): Buffer | undefined {
    const row = this.#db.get<{ bytes: Uint8Array | null }>('SELECT bytes FROM blobs WHERE id = ?', blob);
    if (row === undefined) throw new Error(`blob ${blob} is not in the index`);
    if (row.bytes === null) return undefined;
    return Buffer.from(row.bytes.buffer, row.bytes.byteOffset + offset, length);
  }

  /** Streams a content. Pin it first, because each blob is opened only when the one before has been read. */
  async *read(content: Content): AsyncGenerator<Buffer, void, undefined> {
    for (const segment of content) {
      const inline = this.#inlineBytes(segment);
      if (inline !== undefined) {
        yield inline;
        continue;
      }
      const { blob, offset, length } = segment;
      yield* createReadStream(this.#path(blob), {
        start: offset,
        end: offset + length - 1,
        highWaterMark: readBytes,
      });
    }
  }
}

interface BlobFile {
  open(): Promise<FileHandle>;
  /** Replaces an error about the disk by one that says what to do. */
  explain(error: unknown): unknown;
  remove(): Promise<void>;
}

/** Writes one new blob: a small blob in memory, a larger blob in a file. */
export class BlobWriter {
  readonly id: number;
  size = 0;
  readonly #target: BlobFile;
  #chunks: Buffer[] = [];
  #file: FileHandle | undefined;

  constructor(id: number, target: BlobFile) {
    this.id = id;
    this.#target = target;
  }

  /**
   * Adds bytes. Await it before the next call.
   *
   * @throws {StorageError} when the disk is full
   */
  async add(chunk: Buffer): Promise<void> {
    try {
      await this.#write(chunk);
    } catch (error) {
      throw this.#target.explain(error);
    }
  }

  async #write(chunk: Buffer): Promise<void> {
    this.size += chunk.length;
    if (this.#file === undefined) {
      this.#chunks.push(chunk);
      if (this.size <= inlineBytes) return;
      this.#file = await this.#target.open();
    } else this.#chunks = [chunk];
    for (const part of this.#chunks) await writeAll(this.#file, part);
    this.#chunks = [];
  }

  /** Ends the blob. @returns all its bytes as a content */
  async end(): Promise<Content> {
    await this.#file?.close();
    return this.size === 0 ? [] : [{ blob: this.id, offset: 0, length: this.size }];
  }

  /** The bytes, if they are stored in the index. */
  inline(): Buffer | undefined {
    return this.#file === undefined ? Buffer.concat(this.#chunks) : undefined;
  }

  /** Stops writing, and removes what was written. */
  async abandon(): Promise<void> {
    this.#chunks = [];
    if (this.#file === undefined) return;
    await this.#file.close().catch(() => undefined);
    await this.#target.remove();
  }
}

async function writeAll(file: FileHandle, chunk: Buffer): Promise<void> {
  for (let at = 0; at < chunk.length; ) at += (await file.write(chunk, at)).bytesWritten;
}
