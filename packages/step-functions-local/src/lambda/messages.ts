import type { FunctionError } from './invocation.ts';

/** What a worker thread is started with. */
export interface WorkerSettings {
  /** The folder that holds the bundle. */
  readonly directory: string;
  /** `<file without extension>.<export>`, such as `index.handler`. */
  readonly handler: string;
  readonly functionName: string;
  readonly functionArn: string;
  readonly memoryMiB: number;
}

/** One invocation, to the worker. */
export interface WorkerRequest {
  readonly requestId: string;
  /** The event, as JSON. */
  readonly event: string;
  /** When Lambda would end it, in milliseconds since 1970. */
  readonly deadline: number;
}

/** From the worker: that its module is loaded, well or badly, or the end of an invocation; `result` is JSON. */
export type WorkerResponse =
  | { readonly loaded: true }
  | { readonly requestId: string; readonly result: string }
  | { readonly requestId: string; readonly error: FunctionError; readonly fatal: boolean };
