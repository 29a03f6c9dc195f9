/**
 * Errors that end a task. The state machine names them in `ErrorEquals` and an execution shows them as its
 * error, so a name added here needs its Retry, or a reason not to have one, in `lib/`.
 */
export type CopyErrorName =
  /** The request, or a file it names, is wrong: nothing was copied. */
  | 'InvalidRequestError'
  /** A bucket of the request does not exist, or is not one the stack was deployed for. */
  | 'BucketNotFoundError'
  /** A right is missing that the whole run needs. */
  | 'PermissionError'
  /** The plan is above `maxObjects` or `maxBytes`: nothing was copied. */
  | 'PlanTooBigError'
  /** The work bucket already holds another run of this name. */
  | 'RunFolderInUseError'
  /** A file of the run is missing or was written by something else: expired, deleted or overwritten. */
  | 'RunFileError'
  /** Something that should be at the destination is not; the message has the counts and the report's address. */
  | 'ObjectsFailedError'
  /** More would be deleted than `maxDelete` allows: all is copied and nothing deleted. */
  | 'DeleteGuardError'
  /** S3 or the network failed for a passing reason, also after the worker's own retries. */
  | 'StorageError';

/**
 * The only error class that handlers throw on purpose.
 *
 * `name` is the contract with Step Functions: Lambda reports it as `errorType`, and Retry and Catch match on
 * it. It is a literal, not `constructor.name`, so that bundling cannot rename it.
 */
export class CopyError extends Error {
  override readonly name: CopyErrorName;
  /** Facts an operator needs to act: bucket, key, sizes. Never object content or credentials. */
  readonly details: Readonly<Record<string, string | number>>;

  constructor(
    name: CopyErrorName,
    message: string,
    details: CopyError['details'] = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = name;
    this.details = details;
  }
}
