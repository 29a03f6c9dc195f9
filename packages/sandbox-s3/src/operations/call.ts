import type { Answer } from '../http/answer.ts';
import type { S3Request } from '../http/s3-request.ts';
import type { Store } from '../index/store.ts';
import type { ConditionalWrites } from './conditional-writes.ts';

/** One request on its way through an operation. */
export interface Call {
  readonly request: S3Request;
  readonly store: Store;
  readonly region: string;
  readonly principal: string;
  readonly conditionalWrites: ConditionalWrites;
  /** Address of the store as clients see it. */
  readonly url: string;
  /** Entries that a page of a listing may have at most, whatever the request asks for. */
  readonly mostEntries?: number | undefined;
  /** Whether a copy of a multipart object keeps its ETag. */
  readonly keepsEtag: boolean;
  /** Whether no rule denies an action to the principal. */
  allows(action: string, bucket: string, key?: string): boolean;
  /** @throws {S3Error} `AccessDenied` when a rule denies the action */
  permit(action: string, bucket: string, key?: string): void;
}

/** An operation of the S3 API, and what it understands: anything else that may change its meaning is refused. */
export interface Operation {
  readonly handle: (call: Call) => Answer | Promise<Answer>;
  /** `x-amz-` headers beside those that every operation takes. A name that ends in `*` stands for all that begin so. */
  readonly headers?: readonly string[];
  /** Query parameters. */
  readonly query?: readonly string[];
}
