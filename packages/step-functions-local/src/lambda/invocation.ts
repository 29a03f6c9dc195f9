import type { Json } from '../json.ts';

/** One call of a function by a Task. */
export interface InvokeRequest {
  /** As the Task says it: a name or an ARN. */
  readonly functionName: string;
  readonly payload: Json;
  /**
   * Told at once when the call will have a place to run. Waiting for one is the machine's doing, not Lambda's:
   * the task's time-out begins after it.
   */
  readonly queued?: (started: Promise<void>) => void;
}

/** What a function's runtime reports of an error; Step Functions hands it on as the cause, in JSON. */
export interface FunctionError {
  /** The error's `name`. */
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}

/** How a call ended: a result, an error of the function, or an error of the Lambda service (`Lambda.…`). */
export type InvokeResponse =
  | { readonly payload: Json; readonly requestId?: string }
  | { readonly functionError: FunctionError }
  | { readonly serviceError: { readonly error: string; readonly cause: string } };

/** Runs a function. It must not reject: every way to fail is a response. */
export type Invoke = (request: InvokeRequest) => Promise<InvokeResponse>;

/** An invocation under way. */
export interface Invocation {
  readonly response: Promise<InvokeResponse>;
  /** Resolves when the handler begins, unless the invocation ends before. */
  readonly started: Promise<void>;
  /** Ends its thread, as when the execution environment dies. */
  kill(): void;
}
