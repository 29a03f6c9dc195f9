import * as z from 'zod';
import { GiB } from './limits.ts';

/** An object that the plan decided to copy. */
export const PlannedObject = z.strictObject({
  /** Source key. */
  key: z.string(),
  /** Version of the source, when a list names one; left out: the current one. */
  versionId: z.string().optional(),
  /** Destination key. */
  target: z.string(),
  /** Bytes. */
  size: z.int().nonnegative(),
  /** ETag of the source version that the plan saw, without quotes. */
  etag: z.string(),
  /** Storage class of the source, when it is not STANDARD. */
  storageClass: z.string().optional(),
  /** In an archive and not restored, so that nothing could read it when the plan was made. */
  archived: z.literal(true).optional(),
  /** Why it is to be copied. */
  reason: z.string(),
  /** ETag that the plan saw at the destination; left out when the key was absent. */
  seen: z.string().optional(),
  /** Checksums of that source version, if they were already read. */
  checksums: z
    .array(
      z.strictObject({
        algorithm: z.string(),
        type: z.enum(['FULL_OBJECT', 'COMPOSITE']),
        value: z.string(),
      }),
    )
    .optional(),
});
export type PlannedObject = z.infer<typeof PlannedObject>;

/** A planned object in its batch: a line of a batch file. */
export const BatchedObject = PlannedObject.extend({
  /** Number of the line in the order of the first pass, from 0: what results refer to. */
  line: z.int().nonnegative(),
});
export type BatchedObject = z.infer<typeof BatchedObject>;

/** The two maps of the copy, which are the folders of a pass. */
export type MapName = 'objects' | 'multipart';

/** A batch file holds at most this many bytes of objects, so that one worker can copy it in a few calls. */
const maxBatchBytes = 256 * GiB;
const smallestBatch = 250;
const largestBatch = 5_000;
/** Batches that neighbors in the key space are packed into. */
const batchesAtOnce = 16;

/**
 * Objects a batch holds at most: 250 for a small plan, so that all workers have work, and up to 5,000 for a large
 * one, so that transitions cost next to nothing.
 *
 * @param planned number of objects in the plan
 */
export function batchSize(planned: number): number {
  const wanted = Math.ceil(planned / (batchesAtOnce * 4));
  return Math.min(largestBatch, Math.max(smallestBatch, wanted));
}

interface Hand {
  readonly objects: PlannedObject[];
  bytes: number;
}

/**
 * Packs planned objects into batches so that neighbors in the key space lie apart, which spreads the requests over
 * S3's partitions. The same objects always give the same batches.
 */
export class BatchPacker {
  readonly #size: number;
  readonly #count: number;
  #hands: Hand[] = [];
  #next = 0;

  /**
   * @param planned number of objects in the whole plan
   */
  constructor(planned: number) {
    this.#size = batchSize(planned);
    this.#count = Math.min(batchesAtOnce, Math.max(1, Math.ceil(planned / this.#size)));
  }

  /**
   * Adds one object.
   *
   * @returns the batches of a full round, which the object was not part of any more; else nothing
   */
  add(object: PlannedObject): PlannedObject[][] {
    const hand = this.#handFor(object);
    if (hand !== undefined) {
      put(hand, object);
      return [];
    }
    const round = this.close();
    put(this.#handFor(object) as Hand, object);
    return round;
  }

  /** The batches so far, and a new round begins. */
  close(): PlannedObject[][] {
    const round = this.#hands.filter(({ objects }) => objects.length > 0).map(({ objects }) => objects);
    this.#hands = [];
    this.#next = 0;
    return round;
  }

  #handFor(object: PlannedObject): Hand | undefined {
    while (this.#hands.length < this.#count) this.#hands.push({ objects: [], bytes: 0 });
    for (let tried = 0; tried < this.#count; tried += 1) {
      const hand = this.#hands[this.#next] as Hand;
      this.#next = (this.#next + 1) % this.#count;
      if (this.#hasRoom(hand, object)) return hand;
    }
    return undefined;
  }

  #hasRoom({ objects, bytes }: Hand, { size }: PlannedObject): boolean {
    if (objects.length === 0) return true;
    return objects.length < this.#size && bytes + size <= maxBatchBytes;
  }
}

const put = (hand: Hand, object: PlannedObject): void => {
  hand.objects.push(object);
  hand.bytes += object.size;
};

/** Name of the n-th batch, from 1. */
export const batchName = (n: number): string => String(n).padStart(6, '0');
