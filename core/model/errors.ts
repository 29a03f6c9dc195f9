/**
 * Errors that end a task. The state machine names them in `ErrorEquals`, and an execution shows them as its error. A name
 * added here needs its Retry, or a reason not to have one, in `lib/`, and a row in docs/runbook.md.
 */
export const copyErrorNames = [
  /** The copy request, or a file it names, is wrong. Nothing was copied. */
  'InvalidRequestError',
  /** A bucket of the copy request does not exist, or is not one the stack was deployed for. */
  'BucketNotFoundError',
  /** A permission that the whole run needs is missing. */
  'PermissionError',
  /** The plan exceeds `maxObjects` or `maxBytes`. Nothing was copied. */
  'PlanTooBigError',
  /** The work bucket already holds another run of this name. */
  'RunFolderInUseError',
  /** A file of the run is missing or was written by another program: expired, deleted or overwritten. */
  'RunFileError',
  /** Something that should be at the destination is not. The message has the counts and the report's address. */
  'ObjectsFailedError',
  /** More would be deleted than `maxDelete` allows. Everything is copied and nothing is deleted. */
  'DeleteGuardError',
  /** S3 or the network failed for a temporary reason, also after the worker's own retries. */
  'StorageError',
] as const;
export type CopyErrorName = (typeof copyErrorNames)[number];

/**
 * Errors of s3copy that one object ends with; all others are error codes of S3. A name added here needs a row in
 * docs/runbook.md.
 */
export const objectErrorNames = [
  /** The proof of a copy failed, or its files are not what they must be. */
  'ProofError',
  /** The parts of the source could not be found out: they make another ETag than the source has. */
  'LayoutError',
  /** Only the size could be compared, and the copy request wants a proof. */
  'UnprovenError',
  /** The source changed while it was copied. */
  'SourceChanged',
  /** S3 does not say whether a named key is missing or may not be read. */
  'NotFoundOrDenied',
  /** The named version is a delete marker. */
  'DeleteMarker',
  /** The bytes are copied, and a property could not be written. */
  'PropertiesIncomplete',
  /** A role of the copy request could not be assumed. */
  'PermissionError',
  /** The run stopped early because all copies were denied. */
  'NotTried',
  /** Every attempt stopped before it recorded a result. */
  'NoResult',
] as const;
export type ObjectErrorName = (typeof objectErrorNames)[number];

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
