import type { FunctionError } from './invocation.ts';

/** The settings of a worker thread. */
export interface WorkerSettings {
  /** The folder that holds the bundle. */
  readonly directory: string;
  /** `<file without extension>.<export>`, such as `index.handler`. */
  readonly handler: string;
  readonly functionName: string;
  readonly functionArn: string;
  readonly memoryMiB: number;
}

/** A message to the worker: one invocation. */
export interface WorkerRequest {
  readonly requestId: string;
  /** The event, as JSON. */
  readonly event: string;
  /** When the invocation times out, in milliseconds since 1970. */
  readonly deadline: number;
}

/**
 * A message from the worker: it has loaded its module or failed to, or an invocation has ended. `result` is JSON. After
 * a fatal error the worker cannot be used again.
 */
export type WorkerResponse =
  | { readonly kind: 'loaded' }
  | { readonly kind: 'result'; readonly requestId: string; readonly result: string }
  | {
      readonly kind: 'error';
      readonly requestId: string;
      readonly error: FunctionError;
      readonly fatal: boolean;
    };
