import type { Bucket } from './buckets.ts';
import type { Database } from './database.ts';

/** What may happen to the key of an upload before its Complete. */
export type Overtaking = 'written' | 'deleted';

/** Notes for each open upload of a key what happens to the key: a conditional Complete is refused for it. */
export function overtakeUploads(db: Database, bucket: Bucket, key: string, event: Overtaking): void {
  db.run(
    "INSERT OR IGNORE INTO overtaken SELECT id, ? FROM uploads WHERE state = 'open' AND bucket = ? AND key = ?",
    event,
    bucket.id,
    Buffer.from(key),
  );
}
