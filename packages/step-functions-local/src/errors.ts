/**
 * A state failed with an error that Retry and Catch can match.
 *
 * Names that begin with `States.` are those of the Amazon States Language.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html (read 2026-11-22)
 */
export class StateError extends Error {
  override readonly name = 'StateError';
  /** The error's name, as `ErrorEquals` matches it. */
  readonly error: string;
  /** The message for people. A time-out has none. */
  override readonly cause: string | undefined;

  constructor(error: string, cause?: string) {
    super(cause === undefined ? error : `${error}: ${cause}`);
    this.error = error;
    this.cause = cause;
  }
}

/** The history is full. The execution fails, and no Catch can prevent it. */
export class HistoryLimitError extends Error {
  override readonly name = 'HistoryLimitError';
}

/** Reason of an abort signal: a sibling failed, the execution was stopped or timed out, or the engine closes. */
export class AbortedError extends Error {
  override readonly name = 'AbortedError';
  /** The cause of the abort. Only `sibling` adds `…Aborted` events to the history. */
  readonly by: 'sibling' | 'stop' | 'timeout' | 'close';
  /** The event that made a sibling fail. It is the `previousEventId` of the `…Aborted` events. */
  readonly eventId: number;
  /** The error and cause that the caller of StopExecution gave. */
  readonly reason: { readonly error?: string; readonly cause?: string };

  constructor(by: AbortedError['by'], eventId = 0, reason: AbortedError['reason'] = {}) {
    super(`stopped because of: ${by}`);
    this.by = by;
    this.eventId = eventId;
    this.reason = reason;
  }
}

/** The names of the API's errors. */
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
 * The engine refuses a request. The API answers with this name and message.
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
