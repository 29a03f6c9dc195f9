/** A conditional write under way. */
export interface WatchedWrite {
  /** Set when the key is deleted before the write takes effect. */
  conflicts: boolean;
  /** The write has ended. */
  done(): void;
}

/**
 * Conditional writes under way: a delete that succeeds before one with `If-None-Match` makes it fail with 409.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html (read 2026-11-22)
 */
export class ConditionalWrites {
  readonly #writes = new Map<string, Set<WatchedWrite>>();

  /** Watches a key from the arrival of a conditional write to its effect. */
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

  /** A key was deleted. */
  deleted(bucket: string, key: string): void {
    for (const write of this.#writes.get(`${bucket}/${key}`) ?? []) write.conflicts = true;
  }
}
