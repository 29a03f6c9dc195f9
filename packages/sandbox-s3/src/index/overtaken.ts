import type { Bucket } from './buckets.ts';
import type { Database } from './database.ts';

/** What can happen to the key of an upload before the upload is completed. */
export type Overtaking = 'written' | 'deleted';

/** Records for each open upload of a key that the key was written or deleted. A conditional Complete is refused for it. */
export function overtakeUploads(db: Database, bucket: Bucket, key: string, event: Overtaking): void {
  db.run(
    "INSERT OR IGNORE INTO overtaken SELECT id, ? FROM uploads WHERE state = 'open' AND bucket = ? AND key = ?",
    event,
    bucket.id,
    Buffer.from(key),
  );
}
