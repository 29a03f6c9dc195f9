import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { StorageError } from 'local-storage/storage';
import type { Engine } from '../engine.ts';
import { ApiError } from '../errors.ts';
import type { Json } from '../json.ts';
import { Quotas } from '../limits.ts';
import { operations } from './operations.ts';
import { type Credentials, checkSignature } from './signature.ts';

export interface ApiOptions {
  readonly engine: Engine;
  /** 0 chooses a free port. */
  readonly port: number;
  readonly host?: string;
  /** The credentials that requests must be signed with. */
  readonly credentials: Credentials;
  /** Added to the message that refuses an unknown access key. @default none */
  readonly unknownKeyAdvice?: string;
}

/** A running server. */
export interface Api {
  readonly url: string;
  close(): Promise<void>;
}

const targetPrefix = 'AWSStepFunctions.';
const contentType = 'application/x-amz-json-1.0';

/**
 * Serves the Step Functions API, JSON 1.0, so that the AWS CLI and SDKs work with the engine.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/Welcome.html (read 2026-11-22)
 */
export async function startStepFunctionsApi(options: ApiOptions): Promise<Api> {
  const { host = '127.0.0.1', port } = options;
  const server = createServer((request, response) => void serve(options, request, response));
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function serve(options: ApiOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const body = await readBody(request);
    checkSignature(request, body, options.credentials, options.unknownKeyAdvice);
    answer(response, 200, await run(options.engine, request, body));
  } catch (error) {
    if (error instanceof ApiError) answer(response, 400, { __type: error.name, message: error.message });
    else if (error instanceof StorageError)
      answer(response, 500, { __type: 'InternalFailure', message: error.message });
    else
      answer(response, 500, {
        __type: 'InternalFailure',
        message: error instanceof Error ? (error.stack ?? error.message) : String(error),
      });
  }
}

async function run(engine: Engine, request: IncomingMessage, body: Buffer): Promise<Json> {
  const target = String(request.headers['x-amz-target'] ?? '');
  const name = target.startsWith(targetPrefix) ? target.slice(targetPrefix.length) : target;
  const operation = Object.hasOwn(operations, name) ? operations[name] : undefined;
  if (!operation)
    throw new ApiError(
      'UnknownOperationException',
      name === '' ? 'The header X-Amz-Target names no operation' : `The operation ${name} is not supported`,
    );
  return await operation(engine, parseBody(body));
}

function parseBody(body: Buffer): Json {
  try {
    return JSON.parse(body.toString() || '{}') as Json;
  } catch (error) {
    throw new ApiError('SerializationException', `The request body is not JSON: ${(error as Error).message}`);
  }
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > Quotas.definitionBytes)
      throw new ApiError('ValidationException', `The request has more than ${Quotas.definitionBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function answer(response: ServerResponse, status: number, body: Json): void {
  const headers = { 'content-type': contentType, 'x-amzn-requestid': randomUUID() };
  response.writeHead(status, headers).end(JSON.stringify(body));
}
