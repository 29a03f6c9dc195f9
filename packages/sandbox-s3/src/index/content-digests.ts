import { createHash } from 'node:crypto';
import { type ChecksumAlgorithm, startDigest } from '../checksums/algorithms.ts';
import type { Blobs, Content } from './blobs.ts';
import type { Database } from './database.ts';

/** Digests of the same bytes by algorithm, in base64. */
export type Digests = Readonly<Partial<Record<ChecksumAlgorithm, string>>>;

/** Digests of contents of up to this many bytes are not stored, but computed again. */
const rememberFrom = 32 * 1024;

function contentName(content: Content): string {
  const text = content.map(({ blob, offset, length }) => `${blob}:${offset}:${length}`).join(',');
  return text.length <= 100 ? text : createHash('sha256').update(text).digest('base64url');
}

/** The digests of contents. Since contents never change, the bytes are read at most once per algorithm. */
export class ContentDigests {
  readonly #db: Database;
  readonly #blobs: Blobs;

  constructor(db: Database, blobs: Blobs) {
    this.#db = db;
    this.#blobs = blobs;
  }

  /** Stores digests that were computed while a content was written or read. */
  remember(content: Content, digests: Digests): void {
    const first = content[0];
    if (first === undefined || content.reduce((sum, { length }) => sum + length, 0) <= rememberFrom) return;
    this.#db.run(
      `INSERT INTO digests (content, blob, digests) VALUES (?1, ?2, ?3)
       ON CONFLICT (content) DO UPDATE SET digests = json_patch(digests, ?3)`,
      contentName(content),
      first.blob,
      JSON.stringify(digests),
    );
  }

  #known(content: Content): Digests {
    const row = this.#db.get<{ digests: string }>(
      'SELECT digests FROM digests WHERE content = ?',
      contentName(content),
    );
    return row === undefined ? {} : (JSON.parse(row.digests) as Digests);
  }

  /** Returns digests of a content, which must be pinned. Reads its bytes to compute the missing ones. */
  async get(content: Content, algorithms: readonly ChecksumAlgorithm[]): Promise<Digests> {
    const known = this.#known(content);
    const missing = algorithms.filter((algorithm) => known[algorithm] === undefined);
    if (missing.length === 0) return known;
    const fresh = await this.#compute(content, missing);
    this.remember(content, fresh);
    return { ...known, ...fresh };
  }

  async #compute(content: Content, algorithms: readonly ChecksumAlgorithm[]): Promise<Digests> {
    const digesters = algorithms.map((algorithm) => ({ algorithm, digester: startDigest(algorithm) }));
    for await (const chunk of this.#blobs.read(content)) {
      for (const { digester } of digesters) digester.update(chunk);
    }
    return Object.fromEntries(
      digesters.map(({ algorithm, digester }) => [algorithm, digester.digest().toString('base64')]),
    );
  }
}
