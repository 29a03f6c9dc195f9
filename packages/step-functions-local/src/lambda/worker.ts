import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import type { FunctionError } from './invocation.ts';
import type { WorkerRequest, WorkerResponse, WorkerSettings } from './messages.ts';

/**
 * Runs the handler of one function in its own thread, one invocation after the other. As in Lambda's runtime for
 * Node.js, only asynchronous handlers are supported, and errors are reported by their `name`.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html (read 2026-11-22)
 */

type Handler = (event: unknown, context: object) => unknown;

const settings = workerData as WorkerSettings;
let current = '';
const loading = load();
loading
  .catch(() => undefined) // reported by the first invocation
  .finally(() => parentPort?.postMessage({ kind: 'loaded' } satisfies WorkerResponse));

parentPort?.on('message', (request: WorkerRequest) => {
  current = request.requestId;
  void invoke(request);
});
process.on('uncaughtException', (error) => report(toError(error), true));
process.on('unhandledRejection', (reason) =>
  report({ ...toError(reason), errorType: 'Runtime.UnhandledPromiseRejection' }, true),
);

async function load(): Promise<Handler> {
  const [file, name] = splitHandler(settings.handler);
  const path = ['mjs', 'js', 'cjs']
    .map((extension) => join(settings.directory, `${file}.${extension}`))
    .find(existsSync);
  if (!path)
    throw named('Runtime.ImportModuleError', `Error: Cannot find module '${file}' in ${settings.directory}`);
  const module = (await import(pathToFileURL(path).href)) as Record<string, unknown> & {
    default?: Record<string, unknown>;
  };
  const handler = module[name] ?? module.default?.[name];
  if (typeof handler !== 'function') {
    throw named('Runtime.HandlerNotFound', `${settings.handler} is undefined or not exported`);
  }
  return handler as Handler;
}

function splitHandler(handler: string): [string, string] {
  const dot = handler.lastIndexOf('.');
  return [handler.slice(0, dot), handler.slice(dot + 1)];
}

async function invoke(request: WorkerRequest): Promise<void> {
  try {
    const handler = await loading;
    const result = await handler(JSON.parse(request.event), context(request));
    send({ kind: 'result', requestId: request.requestId, result: JSON.stringify(result) ?? 'null' });
  } catch (error) {
    send({ kind: 'error', requestId: request.requestId, error: toError(error), fatal: false });
  }
}

/** @see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html (read 2026-11-22) */
function context({ requestId, deadline }: WorkerRequest): object {
  return {
    awsRequestId: requestId,
    functionName: settings.functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: settings.functionArn,
    memoryLimitInMB: String(settings.memoryMiB),
    logGroupName: `/aws/lambda/${settings.functionName}`,
    logStreamName: process.env['AWS_LAMBDA_LOG_STREAM_NAME'],
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
}

/** Converts an error as the Lambda runtime does: its name, message and stack. */
function toError(error: unknown): FunctionError {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error) };
  return { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? '').split('\n') };
}

function named(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}

function report(error: FunctionError, fatal: boolean): void {
  send({ kind: 'error', requestId: current, error, fatal });
}

function send(response: WorkerResponse): void {
  parentPort?.postMessage(response);
}
