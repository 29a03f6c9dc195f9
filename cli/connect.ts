import { appendFileSync } from 'node:fs';
import type { LogSink } from '../local/step-functions/lambda/log-sink.ts';
import type { Connection } from './connection.ts';
import type { RoleCredentials } from './local-roles.ts';
import type { Settings } from './settings.ts';

/** Appends all that the functions log to one file. */
export const appendLogs = (file: string): LogSink => ({
  collect: (_name, stream) => void stream.on('data', (chunk: Buffer) => appendFileSync(file, chunk)),
  close: async () => undefined,
});

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
