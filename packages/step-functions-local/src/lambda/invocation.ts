import type { Json } from '../json.ts';

/** One call of a function by a Task. */
export interface InvokeRequest {
  /** The name or ARN in the Task's arguments. */
  readonly functionName: string;
  readonly payload: Json;
  /**
   * Called at once with a promise that resolves when the invocation has a thread. Lambda would not let it wait, so the
   * task's time-out starts only then.
   */
  readonly queued?: (started: Promise<void>) => void;
}

/** An error as the Lambda runtime reports it. Step Functions uses it, as JSON, as the cause. */
export interface FunctionError {
  /** The error's `name`. */
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}

/** The response to a call: a result, an error of the function, or an error of the Lambda service (`Lambda.…`). */
export type InvokeResponse =
  | { readonly kind: 'result'; readonly payload: Json; readonly requestId?: string }
  | { readonly kind: 'functionError'; readonly functionError: FunctionError }
  | { readonly kind: 'serviceError'; readonly error: string; readonly cause: string };

/** Runs a function. It must not reject: failures are responses too. */
export type Invoke = (request: InvokeRequest) => Promise<InvokeResponse>;

/** A running invocation. */
export interface Invocation {
  readonly response: Promise<InvokeResponse>;
  /** Resolves when the handler starts. Never resolves when the invocation ends before that. */
  readonly started: Promise<void>;
  /** Ends its thread, as if the execution environment died. */
  kill(): void;
}
