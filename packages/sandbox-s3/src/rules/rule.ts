/**
 * Which requests a rule is about: all that is given must fit. In each text `*` stands for any characters, also none;
 * `\*` for the character itself.
 */
export interface Match {
  /** S3's name of the operation, such as `CopyObject`. */
  readonly operation?: string | readonly string[] | undefined;
  /** Name or ARN of who asks. */
  readonly principal?: string | undefined;
  readonly bucket?: string | undefined;
  /** The key that the request addresses: of a copy, its destination. */
  readonly key?: string | undefined;
  /** `bucket/key` that a CopyObject or UploadPartCopy reads. */
  readonly copySource?: string | undefined;
}

/** How often a fault happens. */
export interface Frequency {
  /** How many matching requests it hits, then never again. @default all */
  readonly times?: number | undefined;
  /** Matching requests to let pass first. @default 0 */
  readonly skip?: number | undefined;
  /** 0 to 1: drawn from the store's seed. @default 1 */
  readonly probability?: number | undefined;
}

/** `before`: nothing happened. `after`: the request took effect, and the client does not learn it. */
export type When = 'before' | 'after';

/** Refuses an action on a resource with AccessDenied, like a policy with `Effect: Deny`. */
export interface DenyRule {
  readonly kind: 'deny';
  /** IAM's name, such as `s3:PutObject`: a CopyObject asks for `s3:GetObject` on the source and `s3:PutObject` on the destination. @default all */
  readonly action?: string | readonly string[] | undefined;
  readonly principal?: string | undefined;
  readonly bucket?: string | undefined;
  /** For `s3:ListBucket`: not used. For `sts:AssumeRole`: the role's ARN. */
  readonly key?: string | undefined;
  /**
   * Lets requests pass that fit all of this, like a policy that allows under a condition. A request that has no such
   * value does not fit: a HEAD has no prefix.
   */
  readonly unless?: Exemption | undefined;
}

/** What a denial lets pass. Of several texts one has to fit. */
export interface Exemption {
  /** The key that is asked for. */
  readonly key?: string | readonly string[] | undefined;
  /** `s3:prefix` of a listing. */
  readonly prefix?: string | readonly string[] | undefined;
  /** `sts:ExternalId` of AssumeRole. */
  readonly externalId?: string | undefined;
}

/** Values that the conditions of policies look at. */
export interface ConditionValues {
  /** `s3:prefix` of a listing. */
  readonly prefix?: string | undefined;
  /** `sts:ExternalId` of AssumeRole. */
  readonly externalId?: string | undefined;
}

/** Answers an error. */
export interface FailRule extends Match, Frequency {
  readonly kind: 'fail';
  /** S3's error code, such as `SlowDown`, `InternalError` or `ServiceUnavailable`. */
  readonly code: string;
  /** @default S3's own for the code */
  readonly status?: number | undefined;
  readonly message?: string | undefined;
  /** @default before */
  readonly when?: When | undefined;
  /** Answer 200 with the error in the body, as CopyObject, UploadPartCopy and CompleteMultipartUpload may. @default false */
  readonly inside?: boolean | undefined;
}

/** Closes the connection without an answer. */
export interface ResetRule extends Match, Frequency {
  readonly kind: 'reset';
  /** @default before */
  readonly when?: When | undefined;
}

/** Takes longer. */
export interface LatencyRule extends Match, Frequency {
  readonly kind: 'latency';
  readonly milliseconds: number;
  /** Up to this many milliseconds more, drawn from the seed. @default 0 */
  readonly spread?: number | undefined;
}

/** Announces the whole body and closes the connection in the middle of it. */
export interface TruncateRule extends Match, Frequency {
  readonly kind: 'truncate';
  /** Bytes of the body that are still sent. @default half of it */
  readonly bytes?: number | undefined;
}

/** Answers SlowDown to requests above a rate. */
export interface ThrottleRule extends Match {
  readonly kind: 'throttle';
  readonly requestsPerSecond: number;
  /** What has the rate: a bucket, or each prefix up to the last `/` of a key. @default bucket */
  readonly per?: 'bucket' | 'folder' | undefined;
}

/** Changes an object (another one, as a rule) before the matching request goes on, as if by somebody else. */
export interface MutateRule extends Match, Frequency {
  readonly kind: 'mutate';
  readonly target: { readonly bucket: string; readonly key: string };
  readonly change:
    | { readonly type: 'delete' }
    | { readonly type: 'overwrite'; readonly body: string }
    | { readonly type: 'storage-class'; readonly storageClass: string }
    /** Leaves it without a checksum, like objects from before S3 made one for each. */
    | { readonly type: 'forget-checksum' };
}

/**
 * Lists fewer entries on a page than were asked for.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html (read 2026-11-22): `max-keys`: "The
 * response might contain fewer keys but will never contain more."
 */
export interface ShortPageRule extends Match, Frequency {
  readonly kind: 'short-page';
  /** Entries on a page at most. */
  readonly entries: number;
}

/** Goes on as if a request had not a parameter, like a server that does not know it. */
export interface IgnoreParameterRule extends Match, Frequency {
  readonly kind: 'ignore-parameter';
  /** Of the query, such as `encoding-type`. */
  readonly parameter: string;
}

/** Lets a CopyObject keep the ETag of a multipart object, as SeaweedFS and ministack do. S3 makes it the MD5 of the bytes. */
export interface KeepEtagRule extends Match, Frequency {
  readonly kind: 'keep-etag';
}

/** Changes what an answer says, as a server would that does not keep to its word. */
export interface AlterRule extends Match, Frequency {
  readonly kind: 'alter';
  /** A regular expression; each place that it fits is replaced. */
  readonly pattern: string;
  readonly with: string;
}

/** A fault that happens to matching requests. */
export type FaultRule =
  | FailRule
  | ResetRule
  | LatencyRule
  | TruncateRule
  | ThrottleRule
  | MutateRule
  | ShortPageRule
  | IgnoreParameterRule
  | KeepEtagRule
  | AlterRule;

/** Anything a store can be told to do to requests. Plain JSON, so that it can be given to a child process. */
export type Rule = DenyRule | FaultRule;
