/** A request that was answered. */
export interface RecordedRequest {
  /** S3's name, such as `CopyObject`. */
  readonly operation: string;
  readonly bucket: string | undefined;
  readonly key: string | undefined;
  /** The source of a copy as `bucket/key`, decoded. */
  readonly copySource: string | undefined;
  /** The account that must own the bucket, if the request names one. */
  readonly owner?: string | undefined;
  /** The account that must own the source bucket of a copy, if the request names one. */
  readonly sourceOwner?: string | undefined;
  /** `requester` when the client agrees to pay for the request. */
  readonly payer?: string | undefined;
  /** The principal that signed the request; empty when the signature was refused. */
  readonly principal: string;
  /** HTTP status; 0 when the connection was reset by a rule. */
  readonly status: number;
  /** S3's error code, also when the error is in an answer with status 200. */
  readonly error: string | undefined;
  /** Milliseconds since 1970 when the request arrived. */
  readonly at: number;
  readonly milliseconds: number;
}

/** Which requests to count. An absent field matches all requests. */
export interface RequestFilter {
  readonly operation?: string | readonly string[] | undefined;
  readonly bucket?: string | undefined;
}

/** The requests that were answered since `record()` was called. */
export interface Recording {
  readonly requests: readonly RecordedRequest[];
  /** Stops recording. The requests stay in `requests`. */
  stop(): void;
}

/** The requests to a store. They are always counted. They are kept in memory only while a recording runs. */
export interface RequestLog {
  /** Number of requests that were answered since the start or the last `reset()`. */
  count(filter?: RequestFilter): number;
  /** The same number for each operation. */
  counts(bucket?: string): Record<string, number>;
  /** Largest number of requests in progress at the same time. */
  readonly peakInFlight: number;
  /** Sets all counts to zero. Recordings continue. */
  reset(): void;
  /** Starts a recording. */
  record(): Recording;
}

/** Counts and records requests. */
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

  /** Call it when a request arrives. */
  begin(): void {
    this.#inFlight++;
    this.#peak = Math.max(this.#peak, this.#inFlight);
  }

  /** Call it when a request is answered. */
  end(request: RecordedRequest): void {
    this.#inFlight--;
    const operations = this.#byBucket.get(request.bucket ?? '') ?? new Map<string, number>();
    this.#byBucket.set(request.bucket ?? '', operations);
    operations.set(request.operation, (operations.get(request.operation) ?? 0) + 1);
    for (const recording of this.#recordings) recording.push(request);
  }
}
