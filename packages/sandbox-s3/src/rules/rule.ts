/**
 * Selects the requests that a rule applies to. Every field that is present must match. In a pattern, `*` stands for any
 * number of characters, and `\*` for an asterisk.
 */
export interface Match {
  /** S3's name for the operation, such as `CopyObject`. */
  readonly operation?: string | readonly string[] | undefined;
  /** Name or ARN of the caller. */
  readonly principal?: string | undefined;
  readonly bucket?: string | undefined;
  /** The key of the request; for a copy, the key of the destination. */
  readonly key?: string | undefined;
  /** The source of a CopyObject or UploadPartCopy as `bucket/key`. */
  readonly copySource?: string | undefined;
}

/** How often a rule is applied. */
export interface Frequency {
  /** Number of matching requests that the rule is applied to. @default all */
  readonly times?: number | undefined;
  /** Number of matching requests to skip first. @default 0 */
  readonly skip?: number | undefined;
  /** From 0 to 1, drawn from the store's seed. @default 1 */
  readonly probability?: number | undefined;
}

/** `before`: the request has no effect. `after`: the request takes effect, but the client does not learn that. */
export type When = 'before' | 'after';

/** Refuses an action on a resource with AccessDenied, like a policy with `Effect: Deny`. */
export interface DenyRule {
  readonly kind: 'deny';
  /**
   * IAM's name, such as `s3:PutObject`. A CopyObject needs `s3:GetObject` for the source and `s3:PutObject` for the
   * destination. @default all
   */
  readonly action?: string | readonly string[] | undefined;
  readonly principal?: string | undefined;
  readonly bucket?: string | undefined;
  /** Not used for `s3:ListBucket`. For `sts:AssumeRole`, the ARN of the role. */
  readonly key?: string | undefined;
  /**
   * Does not deny requests that match all of these fields, like a policy that allows under a condition. A request
   * without such a value does not match: for example, a HEAD has no prefix.
   */
  readonly unless?: Exemption | undefined;
}

/** The requests that a deny rule does not deny. If there are several patterns, one must match. */
export interface Exemption {
  /** The key of the request. */
  readonly key?: string | readonly string[] | undefined;
  /** `s3:prefix` of a listing. */
  readonly prefix?: string | readonly string[] | undefined;
  /** `sts:ExternalId` of AssumeRole. */
  readonly externalId?: string | undefined;
}

/** Values that the conditions of policies check. */
export interface ConditionValues {
  /** `s3:prefix` of a listing. */
  readonly prefix?: string | undefined;
  /** `sts:ExternalId` of AssumeRole. */
  readonly externalId?: string | undefined;
}

/** Answers with an error. */
export interface FailRule extends Match, Frequency {
  readonly kind: 'fail';
  /** S3's error code, such as `SlowDown`, `InternalError` or `ServiceUnavailable`. */
  readonly code: string;
  /** @default S3's status for the code */
  readonly status?: number | undefined;
  readonly message?: string | undefined;
  /** @default before */
  readonly when?: When | undefined;
  /** Answers 200 with the error in the body, as S3 can for CopyObject, UploadPartCopy and CompleteMultipartUpload. @default false */
  readonly inside?: boolean | undefined;
}

/** Closes the connection without an answer. */
export interface ResetRule extends Match, Frequency {
  readonly kind: 'reset';
  /** @default before */
  readonly when?: When | undefined;
}

/** Delays the answer. */
export interface LatencyRule extends Match, Frequency {
  readonly kind: 'latency';
  readonly milliseconds: number;
  /** Up to this many additional milliseconds, drawn from the seed. @default 0 */
  readonly spread?: number | undefined;
}

/** Announces the whole body, but closes the connection in the middle of it. */
export interface TruncateRule extends Match, Frequency {
  readonly kind: 'truncate';
  /** Bytes of the body to send first. @default half of the body */
  readonly bytes?: number | undefined;
}

/** Answers SlowDown to requests that exceed a rate. */
export interface ThrottleRule extends Match {
  readonly kind: 'throttle';
  readonly requestsPerSecond: number;
  /** Whether the rate applies to each bucket, or to each prefix up to the last `/` of the key. @default bucket */
  readonly per?: 'bucket' | 'folder' | undefined;
}

/** Changes an object, as another client could, before the matching request takes effect. It can be any object. */
export interface MutateRule extends Match, Frequency {
  readonly kind: 'mutate';
  readonly target: { readonly bucket: string; readonly key: string };
  readonly change:
    | { readonly type: 'delete' }
    | { readonly type: 'overwrite'; readonly body: string }
    | { readonly type: 'storage-class'; readonly storageClass: string }
    /** Removes the checksum, like that of objects from before S3 computed one for every object. */
    | { readonly type: 'forget-checksum' };
}

/**
 * Lists fewer entries on a page than the client asked for.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html (read 2026-11-22): `max-keys`: "The
 * response might contain fewer keys but will never contain more."
 */
export interface ShortPageRule extends Match, Frequency {
  readonly kind: 'short-page';
  /** Most entries on a page. */
  readonly entries: number;
}

/** Ignores a parameter of the query, like a server that does not know it. */
export interface IgnoreParameterRule extends Match, Frequency {
  readonly kind: 'ignore-parameter';
  /** Name of the parameter, such as `encoding-type`. */
  readonly parameter: string;
}

/** Keeps the ETag of a multipart object in CopyObject, as SeaweedFS and ministack do. On S3 it becomes the MD5 of the bytes. */
export interface KeepEtagRule extends Match, Frequency {
  readonly kind: 'keep-etag';
}

/** Changes the body of an answer, like a server that answers wrongly. */
export interface AlterRule extends Match, Frequency {
  readonly kind: 'alter';
  /** A regular expression. Every match in the body is replaced. */
  readonly pattern: string;
  readonly with: string;
}

/** A rule that changes what happens to matching requests. */
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

/** A rule of a store. It is plain JSON, so that it can be passed to a child process. */
export type Rule = DenyRule | FaultRule;
