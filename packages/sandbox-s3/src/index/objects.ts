import type { ChecksumAlgorithm, ChecksumType } from '../checksums/algorithms.ts';
import type { Blobs, Content } from './blobs.ts';
import type { Bucket, Encryption, Grant } from './buckets.ts';
import type { Database } from './database.ts';
import { overtakeUploads } from './overtaken.ts';
import { makeVersionId } from './version-ids.ts';

/** A checksum as S3 shows it: base64, followed by `-N` when it is the checksum of the checksums of N parts. */
export interface ObjectChecksum {
  readonly algorithm: ChecksumAlgorithm;
  readonly type: ChecksumType;
  readonly value: string;
}

/** Tags, in the order in which the client sent them. */
export type Tags = readonly (readonly [string, string])[];

/** The retention of an object version. */
export interface Retention {
  readonly mode: string;
  /** ISO 8601, as the client sent it. */
  readonly until: string;
}

/** A named text that is attached to an object version. */
export interface Annotation {
  readonly name: string;
  /** Base64. */
  readonly payload: string;
  /** Bytes. */
  readonly size: number;
  /** Without quotes. */
  readonly etag: string;
  /** Milliseconds since 1970, whole seconds. */
  readonly modified: number;
}

/** The properties that an object has in addition to its bytes. */
export interface ObjectProperties {
  /** Headers such as `content-type`, by lowercase name. */
  readonly headers: Readonly<Record<string, string>>;
  /** User metadata, by lowercase name without `x-amz-meta-`. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly tags: Tags;
  readonly storageClass: string;
  readonly encryption: Encryption;
  /** Account id. */
  readonly owner: string;
  readonly redirect?: string | undefined;
  readonly acl?: readonly Grant[] | undefined;
  readonly retention?: Retention | undefined;
  readonly legalHold?: string | undefined;
  readonly annotations?: readonly Annotation[] | undefined;
  /** Milliseconds since 1970 until which a restored copy of an archived object can be read. */
  readonly restoredUntil?: number | undefined;
}

/** One part of a multipart object. */
export interface ObjectPart {
  readonly number: number;
  readonly size: number;
  readonly checksum?: string | undefined;
}

/** The data of a new version of a key. */
export interface NewVersion {
  readonly size: number;
  /** Without quotes. */
  readonly etag: string;
  /** Milliseconds since 1970, whole seconds. */
  readonly modified: number;
  readonly checksum?: ObjectChecksum | undefined;
  readonly properties: ObjectProperties;
  readonly content: Content;
  readonly parts?: readonly ObjectPart[] | undefined;
  /** The version with the highest sequence is current. A multipart upload gets its sequence when it is initiated. */
  readonly sequence?: number | undefined;
}

/** A stored version of a key: an object, or a delete marker, which has no bytes. */
export interface ObjectVersion extends NewVersion {
  readonly id: number;
  readonly key: string;
  /** `null` for a version that was written while versioning was not enabled. */
  readonly version: string;
  readonly latest: boolean;
  readonly marker: boolean;
  readonly sequence: number;
}

interface ObjectRow {
  id: number;
  key: Uint8Array;
  sequence: number;
  version: string;
  latest: number;
  marker: number;
  size: number;
  etag: string;
  modified: number;
  checksum: string | null;
  properties: string;
  content: string;
  parts: string | null;
}

const columns =
  'id, key, sequence, version, latest, marker, size, etag, modified, checksum, properties, content, parts';

function toVersion(row: ObjectRow): ObjectVersion {
  return {
    ...row,
    key: Buffer.from(row.key).toString(),
    latest: row.latest === 1,
    marker: row.marker === 1,
    checksum: row.checksum === null ? undefined : (JSON.parse(row.checksum) as ObjectChecksum),
    properties: JSON.parse(row.properties) as ObjectProperties,
    content: JSON.parse(row.content) as Content,
    parts: row.parts === null ? undefined : (JSON.parse(row.parts) as ObjectPart[]),
  };
}

/** The properties of a delete marker. */
function markerProperties(owner: string): ObjectProperties {
  return {
    headers: {},
    metadata: {},
    tags: [],
    storageClass: 'STANDARD',
    encryption: { algorithm: 'AES256' },
    owner,
  };
}

/** The object versions of the store. */
export class Objects {
  readonly #db: Database;
  readonly #blobs: Blobs;
  #sequence: number;

  constructor(db: Database, blobs: Blobs) {
    this.#db = db;
    this.#blobs = blobs;
    const last = db.get<{ last: number | null }>(
      'SELECT max((SELECT coalesce(max(sequence), 0) FROM objects), (SELECT coalesce(max(sequence), 0) FROM uploads)) AS last',
    );
    this.#sequence = last?.last ?? 0;
  }

  /** Returns the next number in the order of writes. */
  nextSequence(): number {
    return ++this.#sequence;
  }

  /** The current version of a key, which can be a delete marker. */
  latest(bucket: Bucket, key: string): ObjectVersion | undefined {
    const row = this.#db.get<ObjectRow>(
      `SELECT ${columns} FROM objects WHERE bucket = ? AND key = ? AND latest = 1`,
      bucket.id,
      Buffer.from(key),
    );
    return row && toVersion(row);
  }

  /** The version of a key with this id. */
  version(bucket: Bucket, key: string, version: string): ObjectVersion | undefined {
    const row = this.#db.get<ObjectRow>(
      `SELECT ${columns} FROM objects WHERE bucket = ? AND key = ? AND version = ?`,
      bucket.id,
      Buffer.from(key),
      version,
    );
    return row && toVersion(row);
  }

  /** Whether a bucket contains neither versions nor delete markers. */
  isEmpty(bucket: Bucket): boolean {
    return this.#db.get('SELECT 1 FROM objects WHERE bucket = ? LIMIT 1', bucket.id) === undefined;
  }

  /** Writes a version: a new one if versioning is enabled, otherwise in place of the version `null`. */
  put(bucket: Bucket, key: string, version: NewVersion, marker = false): ObjectVersion {
    const sequence = version.sequence ?? this.nextSequence();
    const name = bucket.settings.versioning === 'Enabled' ? makeVersionId(sequence) : 'null';
    const id = this.#db.transaction(() => {
      if (name === 'null') this.#removeRow(this.version(bucket, key, 'null'));
      this.#blobs.retain(version.content);
      overtakeUploads(this.#db, bucket, key, marker ? 'deleted' : 'written');
      const rowId = this.#insert(bucket, key, version, sequence, name, marker);
      this.#electLatest(bucket, key);
      return rowId;
    });
    return { ...version, id, key, sequence, version: name, latest: true, marker };
  }

  #insert(
    bucket: Bucket,
    key: string,
    version: NewVersion,
    sequence: number,
    name: string,
    marker: boolean,
  ): number {
    const { lastId } = this.#db.run(
      `INSERT INTO objects (bucket, key, sequence, version, latest, marker, size, etag, modified, checksum, properties, content, parts)
       VALUES (?, ?, ?, ?, 0, ?, ?, ?, ?, ?, ?, ?, ?)`,
      bucket.id,
      Buffer.from(key),
      sequence,
      name,
      marker ? 1 : 0,
      version.size,
      version.etag,
      version.modified,
      version.checksum ? JSON.stringify(version.checksum) : null,
      JSON.stringify(version.properties),
      JSON.stringify(version.content),
      version.parts ? JSON.stringify(version.parts) : null,
    );
    return lastId;
  }

  /** Makes a delete marker the current version of a key. */
  mark(bucket: Bucket, key: string, modified: number): ObjectVersion {
    const properties = markerProperties(bucket.settings.owner);
    return this.put(bucket, key, { size: 0, etag: '', modified, properties, content: [] }, true);
  }

  /** Removes one version permanently. */
  remove(bucket: Bucket, version: ObjectVersion): void {
    this.#db.transaction(() => {
      if (version.latest) overtakeUploads(this.#db, bucket, version.key, 'deleted');
      this.#removeRow(version);
      this.#electLatest(bucket, version.key);
    });
  }

  /** Changes properties of a version without writing a new one: tags, ACL, locks, restores. */
  update(version: ObjectVersion, changes: Partial<ObjectProperties>): void {
    const properties = { ...version.properties, ...changes };
    this.#db.run('UPDATE objects SET properties = ? WHERE id = ?', JSON.stringify(properties), version.id);
  }

  /** Removes the checksum of a version, like that of objects from before S3 computed one for every object. */
  forgetChecksum(version: ObjectVersion): void {
    this.#db.run('UPDATE objects SET checksum = NULL WHERE id = ?', version.id);
  }

  #removeRow(version: ObjectVersion | undefined): void {
    if (version === undefined) return;
    this.#db.run('DELETE FROM objects WHERE id = ?', version.id);
    this.#blobs.release(version.content);
  }

  #electLatest(bucket: Bucket, key: string): void {
    this.#db.run(
      `UPDATE objects SET latest = (sequence = (SELECT max(sequence) FROM objects WHERE bucket = ?1 AND key = ?2))
       WHERE bucket = ?1 AND key = ?2`,
      bucket.id,
      Buffer.from(key),
    );
  }
}
