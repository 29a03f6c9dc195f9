import { join } from 'node:path';
import { CreateBucketCommand, HeadBucketCommand, S3Client } from '@aws-sdk/client-s3';
import type { Credentials } from 'sandbox-s3/credentials';
import { type SandboxStore, type SandboxStoreOptions, startSandboxStore } from 'sandbox-s3/server';
import { startStepFunctionsApi } from 'step-functions-local/api';
import { createEngine, type Engine, type EngineOptions } from 'step-functions-local/engine';
import { proxiedHandler } from '../../core/s3/proxies.ts';
import { createFunctionCredentials, localPrincipal } from './function-credentials.ts';
import { keyAdvice, type LocalCredentials, localCredentials } from './local-credentials.ts';
import { type Application, localRegion, readApplication } from './synthesis/application.ts';
import { synthesize } from './synthesis/synthesize.ts';

/** The S3 server refuses requests for the work bucket, or cannot be reached. */
export class S3ServerError extends Error {
  override readonly name = 'S3ServerError';
  readonly endpoint: string;
  /** The HTTP status of its response, or undefined when it was not reached. */
  readonly status: number | undefined;

  constructor(endpoint: string, bucket: string, status: number | undefined, cause: Error) {
    super(`cannot use the bucket ${bucket} on the S3 server ${endpoint}: ${cause.message}`, { cause });
    this.endpoint = endpoint;
    this.status = status;
  }
}

/** Changes to one function or to all of them, for tests. */
export interface FunctionOverride {
  readonly timeoutSeconds?: number;
  /** Added to the environment of the synthesized function. Overrides the variables that are set locally. */
  readonly environment?: Readonly<Record<string, string>>;
}

export interface LocalOptions {
  /** The folder of the buckets, the executions and the functions' logs. Only one process at a time can use it. */
  readonly dataDirectory: string;
  /** The port of the sandbox store. @default 0, a free port */
  readonly s3Port?: number;
  /** The port of the Step Functions API. @default 0, a free port */
  readonly stepFunctionsPort?: number;
  /** An S3 server to use instead of the sandbox store. The work bucket is created there. @default none */
  readonly endpointUrl?: string;
  /** The credentials for the S3 server and the Step Functions API. @default localCredentials */
  readonly credentials?: LocalCredentials;
  /** The context of the CDK app, for tests: which buckets, roles and lists the functions may use. @default any */
  readonly context?: Readonly<Record<string, unknown>>;
  /** Overrides by step, such as `copy-objects`. `*` means all functions; the step's own override wins. @default none */
  readonly overrides?: Readonly<Record<string, FunctionOverride>>;
  /** More options of the sandbox store, for tests. Its credentials are added to those of the functions. @default none */
  readonly store?: Pick<SandboxStoreOptions, 'credentials' | 'faults' | 'seed' | 'now'>;
  /** More options of the engine, for tests. @default none */
  readonly engine?: Pick<
    EngineOptions,
    | 'faults'
    | 'onFault'
    | 'clock'
    | 'random'
    | 'concurrentExecutions'
    | 'maxThreads'
    | 'logs'
    | 'describeLagMillis'
  >;
}

/** A running local s3copy. */
export interface Local {
  readonly s3Url: string;
  readonly stepFunctionsUrl: string;
  readonly stateMachineArn: string;
  readonly workBucket: string;
  /** The sandbox store, or undefined when another S3 server is used. */
  readonly store: SandboxStore | undefined;
  readonly engine: Engine;
  /** Ends running executions as ABORTED, then closes both servers. May be called again. */
  close(): Promise<void>;
}

/**
 * Runs the synthesized state machine and its functions in this process, with the sandbox store or another S3 server,
 * and serves the Step Functions API. The functions run as they are deployed, except for endpoints, region and
 * credentials. The sandbox store allows each function only what the policies of its role allow.
 *
 * @throws {S3ServerError} when the S3 server cannot be used
 */
export async function startLocal(options: LocalOptions): Promise<Local> {
  const application = await readApplication(await synthesize({ context: options.context }));
  const opened: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (let next = opened.pop(); next !== undefined; next = opened.pop()) await next();
  };
  try {
    return { ...(await open(application, options, opened)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Opens one part after the other. Adds a function that closes it to `opened`. */
async function open(
  application: Application,
  options: LocalOptions,
  opened: (() => Promise<void>)[],
): Promise<Omit<Local, 'close'>> {
  const { dataDirectory, endpointUrl, credentials = localCredentials } = options;
  const { stateMachineArn, workBucket, definition } = application;
  const own =
    endpointUrl === undefined ? createFunctionCredentials(application, options.context === undefined) : {};
  const store =
    endpointUrl === undefined ? await startStore(options, credentials, Object.values(own)) : undefined;
  opened.push(async () => store?.close());
  const s3Url = endpointUrl ?? store?.url ?? '';
  const s3 = { endpoint: s3Url, region: localRegion, credentials };
  await makeBucket(workBucket, s3);
  const functions = localFunctions(application, options, s3, own);
  const engine = createEngine({
    dataDirectory: join(dataDirectory, 'step-functions'),
    definition,
    stateMachineArn,
    functions,
    s3,
    ...options.engine,
  });
  opened.push(() => engine.close());
  const api = await startStepFunctionsApi({
    engine,
    port: options.stepFunctionsPort ?? 0,
    credentials,
    unknownKeyAdvice: keyAdvice(credentials),
  });
  opened.push(() => api.close());
  return { s3Url, stepFunctionsUrl: api.url, stateMachineArn, workBucket, store, engine };
}

const startStore = (
  options: LocalOptions,
  credentials: LocalCredentials,
  functionCredentials: readonly Credentials[],
): Promise<SandboxStore> =>
  startSandboxStore({
    dataDirectory: join(options.dataDirectory, 's3'),
    port: options.s3Port,
    region: localRegion,
    unknownKeyAdvice: keyAdvice(credentials),
    ...options.store,
    credentials: [
      { ...credentials, principal: localPrincipal },
      ...functionCredentials,
      ...(options.store?.credentials ?? []),
    ],
  });

interface S3Access {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: LocalCredentials;
}

function localFunctions(
  { functions, stateMachineName }: Application,
  { overrides = {}, context, engine: { concurrentExecutions } = {} }: LocalOptions,
  { endpoint, region, credentials }: S3Access,
  ownCredentials: Readonly<Record<string, LocalCredentials>>,
) {
  const access: Record<string, string> = {
    AWS_ENDPOINT_URL_S3: endpoint,
    AWS_ENDPOINT_URL_STS: endpoint,
    // Locally no deployment limits the roles and keys that a copy request may name.
    ...(context === undefined ? { ROLES: '["*"]', KEYS: '["*"]' } : {}),
    FUNCTIONS_AT_ONCE: String(concurrentExecutions ?? 'any'),
    AWS_REGION: region,
  };
  const entries = Object.entries(functions).map(([arn, settings]) => {
    const every = overrides['*'];
    const own = overrides[settings.name.slice(stateMachineName.length + 1)];
    const timeoutSeconds = own?.timeoutSeconds ?? every?.timeoutSeconds ?? settings.timeoutSeconds;
    const keys = toEnvironment(ownCredentials[arn] ?? credentials);
    const environment = {
      ...settings.environment,
      ...access,
      ...keys,
      ...every?.environment,
      ...own?.environment,
    };
    return [arn, { ...settings, timeoutSeconds, environment }] as const;
  });
  return Object.fromEntries(entries);
}

const toEnvironment = ({
  accessKeyId,
  secretAccessKey,
  sessionToken,
}: LocalCredentials): Record<string, string> => ({
  AWS_ACCESS_KEY_ID: accessKeyId,
  AWS_SECRET_ACCESS_KEY: secretAccessKey,
  ...(sessionToken && { AWS_SESSION_TOKEN: sessionToken }),
});

/** Creates the work bucket unless it exists. */
async function makeBucket(bucket: string, { endpoint, region, credentials }: S3Access): Promise<void> {
  const client = new S3Client({
    endpoint,
    region,
    credentials,
    forcePathStyle: true,
    requestHandler: proxiedHandler(),
  });
  try {
    await client.send(new HeadBucketCommand({ Bucket: bucket }));
  } catch (error) {
    const { $metadata } = error as { $metadata?: { httpStatusCode?: number } };
    if ($metadata?.httpStatusCode !== 404) {
      throw new S3ServerError(endpoint, bucket, $metadata?.httpStatusCode, error as Error);
    }
    await client.send(new CreateBucketCommand({ Bucket: bucket }));
  } finally {
    client.destroy();
  }
}
