/**
 * A state failed: what Retry and Catch see.
 *
 * Names that begin with `States.` are those of the Amazon States Language.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html (read 2026-11-22)
 */
export class StateError extends Error {
  override readonly name = 'StateError';
  /** The error's name, as `ErrorEquals` matches it. */
  readonly error: string;
  /** What a person reads; a time-out has none. */
  override readonly cause: string | undefined;

  constructor(error: string, cause?: string) {
    super(cause === undefined ? error : `${error}: ${cause}`);
    this.error = error;
    this.cause = cause;
  }
}

/** The history is full: the execution fails whatever its states say. Nothing catches it. */
export class HistoryLimitError extends Error {
  override readonly name = 'HistoryLimitError';
}

/** Work was told to stop, by a failed sibling, a stop, a time-out of the execution or the end of the engine. */
export class Aborted extends Error {
  override readonly name = 'Aborted';
  /** Why: only a failed sibling leaves `…Aborted` events in the history. */
  readonly by: 'sibling' | 'stop' | 'timeout' | 'close';
  /** The event that made a sibling fail; the `…Aborted` events point at it. */
  readonly eventId: number;
  /** What whoever stopped the execution gave as the reason. */
  readonly reason: { readonly error?: string; readonly cause?: string };

  constructor(by: Aborted['by'], eventId = 0, reason: Aborted['reason'] = {}) {
    super(`aborted by ${by}`);
    this.by = by;
    this.eventId = eventId;
    this.reason = reason;
  }
}

/** Names of the errors the API answers with. */
export type ApiErrorName =
  | 'ExecutionAlreadyExists'
  | 'ExecutionDoesNotExist'
  | 'ExecutionNotRedrivable'
  | 'InvalidArn'
  | 'InvalidExecutionInput'
  | 'InvalidName'
  | 'InvalidToken'
  | 'ResourceNotFound'
  | 'StateMachineDoesNotExist'
  | 'SerializationException'
  | 'UnknownOperationException'
  | 'UnrecognizedClientException'
  | 'MissingAuthenticationTokenException'
  | 'InvalidSignatureException'
  | 'ValidationException';

/**
 * The engine refuses a request; the API reports it under this name.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/CommonErrors.html (read 2026-11-22)
 */
export class ApiError extends Error {
  override readonly name: ApiErrorName;

  constructor(name: ApiErrorName, message: string) {
    super(message);
    this.name = name;
  }
}
