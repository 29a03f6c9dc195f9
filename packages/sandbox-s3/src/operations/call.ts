import type { Answer } from '../http/answer.ts';
import type { S3Request } from '../http/s3-request.ts';
import type { Store } from '../index/store.ts';
import type { ConditionalWrites } from './conditional-writes.ts';

/** A request, and what an operation needs to answer it. */
export interface Call {
  readonly request: S3Request;
  readonly store: Store;
  readonly region: string;
  readonly principal: string;
  readonly conditionalWrites: ConditionalWrites;
  /** The URL of the store, as clients use it. */
  readonly url: string;
  /** Most entries on a page of a listing, even if the request asks for more. */
  readonly mostEntries?: number | undefined;
  /** Whether CopyObject keeps the ETag of a multipart object. */
  readonly keepsEtag: boolean;
  /** Whether the principal may do an action: its policy allows it and no rule denies it. */
  allows(action: string, bucket: string, key?: string): boolean;
  /** @throws {S3Error} `AccessDenied` when the principal may not do the action */
  permit(action: string, bucket: string, key?: string): void;
}

/** An operation of the S3 API, with the headers and parameters that it implements. Requests with others are refused. */
export interface Operation {
  readonly handle: (call: Call) => Answer | Promise<Answer>;
  /** `x-amz-` headers, except those that every operation accepts. A `*` at the end of a name stands for any characters. */
  readonly headers?: readonly string[];
  /** Query parameters. */
  readonly query?: readonly string[];
}
