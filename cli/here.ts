import { homedir } from 'node:os';
import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import type { LogSink } from 'step-functions-local/log-sink';
import { proxiedHandler } from '../core/s3/proxies.ts';
import { clientSettings } from './clients.ts';
import type { Connection } from './connection.ts';
import { networkText } from './explain-error.ts';
import { type LocalCredentials, localCredentials } from './local/local-credentials.ts';
import { type Local, type LocalOptions, S3ServerError, startLocal } from './local/start.ts';
import { localRegion } from './local/synthesis/application.ts';
import { environmentOf, type RoleCredentials } from './local-roles.ts';
import { quoted } from './shell.ts';
import { UsageError } from './usage-error.ts';

/** How to run s3copy in this process. */
export interface HereOptions {
  /** @default defaultData() */
  readonly data: string | undefined;
  /** S3 server to use. @default the sandbox store, in `data` */
  readonly endpointUrl: string | undefined;
  readonly s3Port?: number;
  readonly stepFunctionsPort?: number;
  /** What stands for the roles of requests. @default none */
  readonly credentials?: RoleCredentials | undefined;
  /** Takes the logs of the functions. @default files in `data` */
  readonly logs?: LogSink | undefined;
}

/** Where what runs here is kept, unless the user says otherwise. */
export const defaultData = (): string =>
  join(process.env['XDG_STATE_HOME'] || join(homedir(), '.local', 'state'), 's3copy');

/** What runs here, and what both of its servers accept. */
export interface Here extends Local {
  readonly credentials: LocalCredentials;
}

/**
 * Starts the embedded engine.
 *
 * @throws {UsageError} when the folder or a port is in use, or the S3 server does not answer
 */
export async function startHere(options: HereOptions): Promise<Here> {
  const { data = defaultData(), endpointUrl, logs } = options;
  const credentials = endpointUrl === undefined ? localCredentials : await userCredentials();
  const local = await startOrExplain({
    dataDirectory: data,
    credentials,
    s3Port: options.s3Port ?? 0,
    stepFunctionsPort: options.stepFunctionsPort ?? 0,
    ...(endpointUrl === undefined ? {} : { endpointUrl }),
    overrides: { '*': { environment: environmentOf(options.credentials ?? {}) } },
    ...(logs === undefined ? {} : { engine: { logs } }),
  });
  return { ...local, credentials };
}

/** The user can fix what keeps it from starting, unless it is a defect of s3copy. */
async function startOrExplain(options: LocalOptions): Promise<Local> {
  try {
    return await startLocal(options);
  } catch (error) {
    if (error instanceof S3ServerError) throw new UsageError(serverText(error, options));
    if (!(error instanceof Error) || error.name !== 'Error') throw error;
    const advice = `--data names another folder than ${options.dataDirectory}, --port-s3 and --port-sfn other ports`;
    throw new UsageError(`cannot run here: ${error.message} (${advice})`);
  }
}

/** Why the S3 server cannot be used. */
function serverText(
  { endpoint, status, cause }: S3ServerError,
  { credentials = localCredentials }: LocalOptions,
): string {
  const what = `--endpoint-url: the S3 server ${endpoint}`;
  const key = `the access key ${JSON.stringify(credentials.accessKeyId)}`;
  if (status === 403)
    return `${what} refuses ${key} (403): set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY`;
  const { name, message } = cause as Error;
  if (status === undefined)
    return `${what} cannot be reached: ${networkText(cause) ?? `${name}: ${message}`}`;
  return `${what} answers ${status} to a request for its bucket s3copy-work, with ${key}: ${name}: ${message}`;
}

/** The user's own, as every AWS tool finds them, else those of the sandbox store. */
async function userCredentials(): Promise<LocalCredentials> {
  const client = new S3Client({ region: localRegion, ...clientSettings() });
  try {
    const { accessKeyId, secretAccessKey, sessionToken } = await client.config.credentials();
    return { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) };
  } catch (error) {
    // Who names a profile means it.
    if (process.env['AWS_PROFILE']) throw error;
    return localCredentials;
  } finally {
    client.destroy();
  }
}

/** Starts the embedded engine, to be used as a deployed state machine would be. */
export async function connectHere(options: HereOptions): Promise<Connection> {
  const local = await startHere(options);
  const { sfn, s3 } = clientsOf(local, local.credentials);
  return {
    sfn,
    s3,
    stateMachineArn: local.stateMachineArn,
    workBucket: local.workBucket,
    isLocal: true,
    flags: flagsOf(options),
    close: async () => {
      sfn.destroy();
      s3.destroy();
      await local.close();
    },
  };
}

const flagsOf = ({ data, endpointUrl }: HereOptions): string =>
  [
    '--local',
    ...(data === undefined ? [] : [`--data ${quoted(data)}`]),
    ...(endpointUrl === undefined ? [] : [`--endpoint-url ${quoted(endpointUrl)}`]),
  ].join(' ');

/** Clients of what runs here. */
export function clientsOf(
  { s3Url, stepFunctionsUrl }: Local,
  credentials: LocalCredentials = localCredentials,
): { readonly s3: S3Client; readonly sfn: SFNClient } {
  const region = localRegion;
  const s3 = new S3Client({
    endpoint: s3Url,
    region,
    credentials,
    forcePathStyle: true,
    requestHandler: proxiedHandler(),
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
  return { s3, sfn: new SFNClient({ endpoint: stepFunctionsUrl, region, credentials }) };
}
