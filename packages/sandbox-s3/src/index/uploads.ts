import { randomBytes } from 'node:crypto';
import type { ChecksumAlgorithm, ChecksumType } from '../checksums/algorithms.ts';
import type { Blobs, Content } from './blobs.ts';
import type { Bucket } from './buckets.ts';
import type { Database } from './database.ts';
import { type Listed, type ListingScope, walk } from './listing.ts';
import type { ObjectChecksum, ObjectProperties } from './objects.ts';
import type { Overtaking } from './overtaken.ts';

/** What CreateMultipartUpload determined. */
export interface UploadSettings {
  readonly properties: ObjectProperties;
  /** Checksum algorithm of the future object; CRC64NVME when the client did not name one. */
  readonly algorithm: ChecksumAlgorithm;
  readonly type: ChecksumType;
  /** Whether the client named the algorithm. Only then, requests and answers about parts contain checksums. */
  readonly named: boolean;
  /** The principal that created the upload. */
  readonly initiator: string;
}

/** A multipart upload. After it ends it is kept for a day, so that a repeated Complete or Abort gets the same answer. */
export interface Upload {
  readonly id: string;
  readonly key: string;
  readonly sequence: number;
  /** Milliseconds since 1970, whole seconds. */
  readonly initiated: number;
  readonly state: 'open' | 'completed' | 'aborted';
  readonly settings: UploadSettings;
  /** The answer to Complete. */
  readonly outcome: UploadOutcome | undefined;
}

/** The result of a completed upload. */
export interface UploadOutcome {
  /** Hash of the part numbers and ETags that Complete listed. */
  readonly request: string;
  readonly etag: string;
  readonly version: string;
  readonly checksum: ObjectChecksum | undefined;
}

/** A part of an open upload. */
export interface UploadedPart {
  readonly number: number;
  readonly size: number;
  /** Without quotes. The MD5 of the part, except with KMS. */
  readonly etag: string;
  readonly modified: number;
  readonly checksums: Readonly<Record<string, string>>;
  readonly content: Content;
}

interface UploadRow {
  id: string;
  key: Uint8Array;
  sequence: number;
  initiated: number;
  state: string;
  settings: string;
  outcome: string | null;
}

interface PartRow {
  number: number;
  size: number;
  etag: string;
  modified: number;
  checksums: string;
  content: string;
}

const columns = 'id, key, sequence, initiated, state, settings, outcome';
const dayMs = 24 * 60 * 60 * 1000;

function toUpload(row: UploadRow): Upload {
  return {
    ...row,
    key: Buffer.from(row.key).toString(),
    state: row.state as Upload['state'],
    settings: JSON.parse(row.settings) as UploadSettings,
    outcome: row.outcome === null ? undefined : (JSON.parse(row.outcome) as UploadOutcome),
  };
}

function toPart(row: PartRow): UploadedPart {
  return {
    ...row,
    checksums: JSON.parse(row.checksums) as Record<string, string>,
    content: JSON.parse(row.content) as Content,
  };
}

/** Where a listing of uploads continues: after the upload of the key `after` that has this sequence. */
export interface UploadScope extends ListingScope {
  readonly afterSequence: number;
}

/** The multipart uploads of the store. */
export class Uploads {
  readonly #db: Database;
  readonly #blobs: Blobs;

  constructor(db: Database, blobs: Blobs, now: number) {
    this.#db = db;
    this.#blobs = blobs;
    db.run("DELETE FROM uploads WHERE state <> 'open' AND initiated < ?", now - dayMs);
  }

  create(bucket: Bucket, key: string, upload: Pick<Upload, 'sequence' | 'initiated' | 'settings'>): string {
    const id = randomBytes(48).toString('base64url');
    this.#db.run(
      "INSERT INTO uploads (id, bucket, key, sequence, initiated, state, settings) VALUES (?, ?, ?, ?, ?, 'open', ?)",
      id,
      bucket.id,
      Buffer.from(key),
      upload.sequence,
      upload.initiated,
      JSON.stringify(upload.settings),
    );
    return id;
  }

  /** The upload with this id, if it belongs to the key. */
  find(bucket: Bucket, key: string, id: string): Upload | undefined {
    const sql = `SELECT ${columns} FROM uploads WHERE id = ? AND bucket = ? AND key = ?`;
    const row = this.#db.get<UploadRow>(sql, id, bucket.id, Buffer.from(key));
    return row && toUpload(row);
  }

  /** Whether the key of an open upload was written, or its current version deleted, after the upload was created. */
  isOvertaken(id: string, event: Overtaking): boolean {
    return this.#db.get('SELECT 1 FROM overtaken WHERE upload = ? AND event = ?', id, event) !== undefined;
  }

  /** Stores a part. It replaces an earlier part with the same number. */
  putPart(upload: string, part: UploadedPart): void {
    this.#db.transaction(() => {
      const old = this.part(upload, part.number);
      this.#blobs.retain(part.content);
      this.#db.run(
        'INSERT OR REPLACE INTO parts (upload, number, size, etag, modified, checksums, content) VALUES (?, ?, ?, ?, ?, ?, ?)',
        upload,
        part.number,
        part.size,
        part.etag,
        part.modified,
        JSON.stringify(part.checksums),
        JSON.stringify(part.content),
      );
      if (old !== undefined) this.#blobs.release(old.content);
    });
  }

  part(upload: string, number: number): UploadedPart | undefined {
    const row = this.#db.get<PartRow>('SELECT * FROM parts WHERE upload = ? AND number = ?', upload, number);
    return row && toPart(row);
  }

  /** Returns parts with numbers above `after`, sorted by number. */
  parts(upload: string, after = 0, limit = 10_000): UploadedPart[] {
    const sql = 'SELECT * FROM parts WHERE upload = ? AND number > ? ORDER BY number LIMIT ?';
    return this.#db.all<PartRow>(sql, upload, after, limit).map(toPart);
  }

  /** Ends an upload and releases its parts. */
  end(id: string, state: 'completed' | 'aborted', outcome?: UploadOutcome): void {
    this.#db.transaction(() => {
      for (const part of this.parts(id)) this.#blobs.release(part.content);
      this.#db.run('DELETE FROM parts WHERE upload = ?', id);
      this.#db.run('DELETE FROM overtaken WHERE upload = ?', id);
      const value = outcome === undefined ? null : JSON.stringify(outcome);
      this.#db.run('UPDATE uploads SET state = ?, outcome = ? WHERE id = ?', state, value, id);
    });
  }

  /** Removes all uploads of a bucket that is about to be deleted. */
  removeAll(bucket: Bucket): void {
    this.#db.transaction(() => {
      for (const { id } of this.#db.all<{ id: string }>('SELECT id FROM uploads WHERE bucket = ?', bucket.id))
        this.end(id, 'aborted');
      this.#db.run('DELETE FROM uploads WHERE bucket = ?', bucket.id);
    });
  }

  /** Lists open uploads by key, then by the order of their creation. Do not await while you iterate. */
  *list(bucket: Bucket, scope: UploadScope): Generator<Listed<Upload>, void, undefined> {
    const sql = `SELECT ${columns} FROM uploads WHERE state = 'open' AND bucket = ? AND key >= ? AND key < ? ORDER BY key, sequence`;
    for (const entry of walk(scope, (from, to) => this.#db.each<UploadRow>(sql, bucket.id, from, to))) {
      const upload = 'item' in entry ? toUpload(entry.item) : undefined;
      if (upload === undefined) yield entry as { commonPrefix: string };
      else if (upload.key !== scope.after || upload.sequence > scope.afterSequence) yield { item: upload };
    }
  }
}
