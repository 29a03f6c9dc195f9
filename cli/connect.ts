import { toStorageError } from 'local-storage/storage';
import { type LogSink, oneFileLogSink } from 'step-functions-local/log-sink';
import type { Connection } from './connection.ts';
import type { RoleCredentials } from './local-roles.ts';
import type { Settings } from './settings.ts';
import { UsageError } from './usage-error.ts';

/**
 * Appends all that the functions log to one file.
 *
 * @throws {UsageError} when it cannot be opened
 */
export function appendLogs(file: string): LogSink {
  try {
    return oneFileLogSink(file);
  } catch (error) {
    const { message } = toStorageError(error, file) ?? (error as Error);
    throw new UsageError(`--log-file: ${message}`);
  }
}

/**
 * Connects to the state machine that the command line means: a deployed one, or one that runs here.
 *
 * @param credentials what stands for roles here
 */
export async function connect(settings: Settings, credentials?: RoleCredentials): Promise<Connection> {
  const { stateMachineArn, workBucket, endpointUrl, data, logFile } = settings;
  if (!settings.isLocal) {
    const { connectDeployed } = await import('./deployed.ts');
    return connectDeployed({ stateMachineArn, workBucket, endpointUrl });
  }
  const { connectHere } = await import('./here.ts');
  const logs = logFile === undefined ? undefined : appendLogs(logFile);
  return connectHere({ data, endpointUrl, logs, credentials });
}
