/** One answered request. */
export interface RecordedRequest {
  /** S3's name, such as `CopyObject`. */
  readonly operation: string;
  readonly bucket: string | undefined;
  readonly key: string | undefined;
  /** `bucket/key`, decoded, of a copy. */
  readonly copySource: string | undefined;
  /** Account that must own the bucket, if the request says so. */
  readonly owner?: string | undefined;
  /** Account that must own the bucket that a copy reads. */
  readonly sourceOwner?: string | undefined;
  /** `requester` when whoever asks is ready to pay. */
  readonly payer?: string | undefined;
  /** Who asked; empty when the signature was refused. */
  readonly principal: string;
  /** HTTP status; 0 when the connection was reset by a rule. */
  readonly status: number;
  /** S3's error code, also of one inside a 200. */
  readonly error: string | undefined;
  /** Milliseconds since 1970 when the request arrived. */
  readonly at: number;
  readonly milliseconds: number;
}

/** Which requests to count. What is left out fits everything. */
export interface RequestFilter {
  readonly operation?: string | readonly string[] | undefined;
  readonly bucket?: string | undefined;
}

/** Requests recorded one by one since `record()`. */
export interface Recording {
  readonly requests: readonly RecordedRequest[];
  /** Ends it; `requests` stays. */
  stop(): void;
}

/** What was asked of a store. Counting is always on; recording keeps every request in memory and is not. */
export interface RequestLog {
  /** Answered requests since the start or the last `reset()`. */
  count(filter?: RequestFilter): number;
  /** The same by operation. */
  counts(bucket?: string): Record<string, number>;
  /** Most requests that were under way at the same moment. */
  readonly peakInFlight: number;
  /** Sets all counts to nought; recordings go on. */
  reset(): void;
  /** Starts to keep requests. */
  record(): Recording;
}

/** Counts and records. */
export class RequestCounter implements RequestLog {
  readonly #byBucket = new Map<string, Map<string, number>>();
  readonly #recordings = new Set<RecordedRequest[]>();
  #inFlight = 0;
  #peak = 0;

  get peakInFlight(): number {
    return this.#peak;
  }

  count({ operation, bucket }: RequestFilter = {}): number {
    const names = typeof operation === 'string' ? [operation] : operation;
    const counts = Object.entries(this.counts(bucket));
    return counts
      .filter(([name]) => names?.includes(name) ?? true)
      .reduce((sum, [, count]) => sum + count, 0);
  }

  counts(bucket?: string): Record<string, number> {
    const sums: Record<string, number> = {};
    for (const [name, operations] of this.#byBucket) {
      if (bucket !== undefined && name !== bucket) continue;
      for (const [operation, count] of operations) sums[operation] = (sums[operation] ?? 0) + count;
    }
    return sums;
  }

  reset(): void {
    this.#byBucket.clear();
    this.#peak = this.#inFlight;
  }

  record(): Recording {
    const requests: RecordedRequest[] = [];
    this.#recordings.add(requests);
    return { requests, stop: () => void this.#recordings.delete(requests) };
  }

  /** A request arrives. */
  begin(): void {
    this.#inFlight++;
    this.#peak = Math.max(this.#peak, this.#inFlight);
  }

  /** A request is answered. */
  end(request: RecordedRequest): void {
    this.#inFlight--;
    const operations = this.#byBucket.get(request.bucket ?? '') ?? new Map<string, number>();
    this.#byBucket.set(request.bucket ?? '', operations);
    operations.set(request.operation, (operations.get(request.operation) ?? 0) + 1);
    for (const recording of this.#recordings) recording.push(request);
  }
}
