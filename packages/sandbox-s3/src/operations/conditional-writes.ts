/** A conditional write in progress. */
export interface WatchedWrite {
  /** Whether the key was deleted after the request arrived and before it took effect. */
  conflicts: boolean;
  /** Ends the watch. Call it when the write has ended. */
  done(): void;
}

/**
 * The conditional writes in progress. A write with `If-None-Match` fails with 409 when a delete succeeds before it.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html (read 2026-11-22)
 */
export class ConditionalWrites {
  readonly #writes = new Map<string, Set<WatchedWrite>>();

  /** Watches a key from the arrival of a conditional write until it takes effect. */
  watch(bucket: string, key: string): WatchedWrite {
    const name = `${bucket}/${key}`;
    const writes = this.#writes.get(name) ?? new Set();
    this.#writes.set(name, writes);
    const write: WatchedWrite = {
      conflicts: false,
      done: () => {
        writes.delete(write);
        if (writes.size === 0) this.#writes.delete(name);
      },
    };
    writes.add(write);
    return write;
  }

  /** Marks the writes to a key that was deleted. */
  deleted(bucket: string, key: string): void {
    for (const write of this.#writes.get(`${bucket}/${key}`) ?? []) write.conflicts = true;
  }
}
