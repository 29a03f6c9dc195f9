import { join } from 'node:path';
import { Blobs } from './blobs.ts';
import { Buckets } from './buckets.ts';
import { ContentDigests } from './content-digests.ts';
import { Database } from './database.ts';
import { Objects } from './objects.ts';
import { Uploads } from './uploads.ts';

/** Everything a store keeps on disk. */
export class Store {
  readonly db: Database;
  readonly blobs: Blobs;
  readonly buckets: Buckets;
  readonly objects: Objects;
  readonly uploads: Uploads;
  readonly digests: ContentDigests;
  readonly #now: () => Date;

  constructor(directory: string, now: () => Date) {
    this.#now = now;
    this.db = new Database(directory);
    this.blobs = new Blobs(this.db, join(directory, 'blobs'));
    this.buckets = new Buckets(this.db);
    this.objects = new Objects(this.db, this.blobs);
    this.uploads = new Uploads(this.db, this.blobs, now().getTime());
    this.digests = new ContentDigests(this.db, this.blobs);
  }

  /** The time in milliseconds since 1970. */
  now(): number {
    return this.#now().getTime();
  }

  /** The time as S3 dates objects: whole seconds, in milliseconds since 1970. */
  nowSeconds(): number {
    return Math.floor(this.now() / 1000) * 1000;
  }

  close(): void {
    this.db.close();
  }
}
