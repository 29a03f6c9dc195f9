import { S3Error } from '../s3-error.ts';
import type { Database } from './database.ts';

/** How an object is encrypted, or how new objects of a bucket are by default. */
export interface Encryption {
  readonly algorithm: string;
  readonly keyId?: string | undefined;
  readonly bucketKey?: boolean | undefined;
}

/** The default retention of an Object Lock configuration. */
export interface DefaultRetention {
  readonly mode: string;
  readonly days?: number | undefined;
  readonly years?: number | undefined;
}

/** The configuration of a bucket. */
export interface BucketSettings {
  /** 12-digit account id. */
  readonly owner: string;
  readonly region: string;
  readonly ownership: string;
  readonly versioning?: 'Enabled' | 'Suspended' | undefined;
  readonly encryption: Encryption;
  readonly objectLock?: { readonly defaultRetention?: DefaultRetention | undefined } | undefined;
  readonly acl?: readonly Grant[] | undefined;
  readonly tags?: readonly (readonly [string, string])[] | undefined;
  /** Configurations that are stored and returned without being read, by sub-resource. */
  readonly documents?: Readonly<Record<string, string>> | undefined;
}

/** One entry of an access control list. */
export interface Grant {
  readonly grantee: { readonly type: 'CanonicalUser' | 'Group'; readonly id: string };
  readonly permission: string;
}

/** A bucket. */
export interface Bucket {
  readonly id: number;
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly created: number;
  readonly settings: BucketSettings;
}

interface BucketRow {
  id: number;
  name: string;
  created: number;
  settings: string;
}

/** The buckets of the store. They are kept in memory, because there are few and every request needs one. */
export class Buckets {
  readonly #db: Database;
  readonly #cache = new Map<string, Bucket>();

  constructor(db: Database) {
    this.#db = db;
    for (const row of db.all<BucketRow>('SELECT id, name, created, settings FROM buckets')) {
      this.#cache.set(row.name, { ...row, settings: JSON.parse(row.settings) as BucketSettings });
    }
  }

  /** The bucket with this name, if it exists. */
  find(name: string): Bucket | undefined {
    return this.#cache.get(name);
  }

  /**
   * The bucket with this name.
   * @throws {S3Error} `NoSuchBucket`
   */
  get(name: string | undefined): Bucket {
    const bucket = this.#cache.get(name ?? '');
    if (bucket === undefined) throw new S3Error('NoSuchBucket', undefined, { details: { BucketName: name } });
    return bucket;
  }

  /** All buckets, sorted by name. */
  all(): Bucket[] {
    return [...this.#cache.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  create(name: string, created: number, settings: BucketSettings): Bucket {
    const { lastId } = this.#db.run(
      'INSERT INTO buckets (name, created, settings) VALUES (?, ?, ?)',
      name,
      created,
      JSON.stringify(settings),
    );
    const bucket = { id: lastId, name, created, settings };
    this.#cache.set(name, bucket);
    return bucket;
  }

  /** Replaces some of a bucket's settings. */
  configure(bucket: Bucket, changes: Partial<BucketSettings>): void {
    const settings = { ...bucket.settings, ...changes };
    this.#db.run('UPDATE buckets SET settings = ? WHERE id = ?', JSON.stringify(settings), bucket.id);
    this.#cache.set(bucket.name, { ...bucket, settings });
  }

  remove(bucket: Bucket): void {
    this.#db.run('DELETE FROM buckets WHERE id = ?', bucket.id);
    this.#cache.delete(bucket.name);
  }
}
