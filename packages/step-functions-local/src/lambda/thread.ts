import { Worker } from 'node:worker_threads';
import type { FunctionError, InvokeResponse } from './invocation.ts';
import type { LogSink } from './log-sink.ts';
import type { WorkerRequest, WorkerResponse, WorkerSettings } from './messages.ts';

/** The configuration of a function. */
export interface FunctionSettings {
  /** The folder with the bundle, `index.mjs` or `index.js`. */
  readonly directory: string;
  /** Such as `index.handler`. */
  readonly handler: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  readonly memoryMiB: number;
}

/** An execution environment of a function: a thread that runs one invocation at a time. */
export class FunctionThread {
  readonly #worker: Worker;
  #settle: ((response: InvokeResponse) => void) | undefined;
  #requestId = '';
  #alive = true;
  #ended: FunctionError | undefined;
  readonly #loaded = Promise.withResolvers<void>();

  constructor(name: string, arn: string, settings: FunctionSettings, logs: LogSink) {
    const workerData: WorkerSettings = { ...settings, functionName: name, functionArn: arn };
    this.#worker = new Worker(new URL('./worker.ts', import.meta.url), {
      workerData,
      env: lambdaEnvironment(name, settings),
      execArgv: ['--disable-warning=ExperimentalWarning'],
      // A small young generation saves memory: there are many threads, and handlers keep few objects.
      resourceLimits: { maxOldGenerationSizeMb: settings.memoryMiB, maxYoungGenerationSizeMb: 8 },
      stdout: true,
      stderr: true,
    });
    this.#worker.unref(); // an idle thread must not keep the process alive
    logs.collect(name, this.#worker.stdout);
    logs.collect(name, this.#worker.stderr);
    this.#worker.on('message', (response: WorkerResponse) => this.#answer(response));
    this.#worker.on('error', (error) => this.#crash(exitError(this.#requestId, crashReason(error))));
    this.#worker.on('exit', (code) => this.#crash(exitError(this.#requestId, `exit status ${code}`)));
  }

  /** Whether the thread can run another invocation. */
  get alive(): boolean {
    return this.#alive;
  }

  /**
   * Runs the handler for at most the function's time-out. The time for loading the handler does not count.
   *
   * @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html (read 2026-11-22)
   */
  async invoke(
    requestId: string,
    event: string,
    timeoutSeconds: number,
    onStart: () => void,
  ): Promise<InvokeResponse> {
    this.#requestId = requestId;
    this.#worker.ref();
    const response = new Promise<InvokeResponse>((resolve) => {
      this.#settle = resolve;
    });
    await this.#loaded.promise;
    onStart();
    if (this.#ended) this.#finish({ kind: 'functionError', functionError: this.#ended });
    const millis = timeoutSeconds * 1_000;
    const timer = setTimeout(() => this.kill(requestId, timedOut(requestId, timeoutSeconds)), millis);
    this.#worker.postMessage({ requestId, event, deadline: Date.now() + millis } satisfies WorkerRequest);
    return await response.finally(() => clearTimeout(timer));
  }

  /** Ends the thread at once and fails its invocation with this error, unless it already runs another invocation. */
  kill(requestId: string, error: FunctionError): void {
    if (requestId === this.#requestId) this.#crash(error);
  }

  async terminate(): Promise<void> {
    this.#alive = false;
    await this.#worker.terminate();
  }

  #answer(response: WorkerResponse): void {
    if (response.kind === 'loaded') this.#loaded.resolve();
    else if (response.requestId === this.#requestId) this.#end(response);
  }

  #end(response: Exclude<WorkerResponse, { kind: 'loaded' }>): void {
    if (response.kind === 'result') {
      const { requestId } = response;
      this.#finish({ kind: 'result', payload: JSON.parse(response.result), requestId });
    } else if (response.fatal) this.#crash(response.error);
    else this.#finish({ kind: 'functionError', functionError: response.error });
  }

  #crash(functionError: FunctionError): void {
    this.#ended ??= functionError;
    this.#loaded.resolve();
    if (this.#alive) {
      this.#alive = false;
      void this.#worker.terminate();
    }
    this.#finish({ kind: 'functionError', functionError });
  }

  #finish(response: InvokeResponse): void {
    const settle = this.#settle;
    this.#settle = undefined;
    this.#worker.unref();
    settle?.(response);
  }
}

/** @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html (read 2026-11-22) */
function lambdaEnvironment(name: string, settings: FunctionSettings): Record<string, string> {
  // A thread starts faster with the modules that an earlier thread compiled.
  const { NODE_COMPILE_CACHE } = process.env;
  return {
    ...(NODE_COMPILE_CACHE !== undefined && { NODE_COMPILE_CACHE }),
    TZ: ':UTC',
    LANG: 'en_US.UTF-8',
    PATH: process.env['PATH'] ?? '',
    LAMBDA_TASK_ROOT: settings.directory,
    _HANDLER: settings.handler,
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(settings.memoryMiB),
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: 'local',
    ...settings.environment,
  };
}

function crashReason(error: unknown): string {
  const code = (error as { code?: string }).code;
  return code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'signal: killed' : String((error as Error).message ?? error);
}

/** The error that Lambda reports when the runtime has exited. */
export function exitError(requestId: string, reason: string): FunctionError {
  return {
    errorType: 'Runtime.ExitError',
    errorMessage: `RequestId: ${requestId} Error: Runtime exited with error: ${reason}`,
  };
}

/** The error that Lambda reports when a function times out. */
export function timedOut(requestId: string, seconds: number): FunctionError {
  const errorMessage = `RequestId: ${requestId} Error: Task timed out after ${seconds.toFixed(2)} seconds`;
  return { errorType: 'Sandbox.Timedout', errorMessage };
}
