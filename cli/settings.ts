import type { Arguments } from './arguments.ts';
import { UsageError } from './usage-error.ts';

/** What the command line says besides the copy request. */
export interface Settings {
  readonly isLocal: boolean;
  readonly stateMachineArn: string | undefined;
  readonly workBucket: string | undefined;
  readonly endpointUrl: string | undefined;
  readonly data: string | undefined;
  readonly portS3: number;
  readonly portSfn: number;
  readonly name: string | undefined;
  readonly isJson: boolean;
  readonly hasProgress: boolean;
  readonly showsAll: boolean;
  readonly logFile: string | undefined;
}

/**
 * Reads the flags that do not belong to the copy request.
 *
 * @throws {UsageError} when a port or a URL is not valid
 */
export function settingsOf({ given }: Pick<Arguments, 'given'>): Settings {
  const text = (name: string): string | undefined => given.get(name) as string | undefined;
  return {
    isLocal: given.get('local') === true,
    stateMachineArn: text('state-machine') ?? process.env['S3COPY_STATE_MACHINE'],
    workBucket: text('work-bucket') ?? (process.env['S3COPY_WORK_BUCKET'] || undefined),
    endpointUrl: endpointOf(text('endpoint-url')),
    data: text('data'),
    portS3: portOf('port-s3', text('port-s3')),
    portSfn: portOf('port-sfn', text('port-sfn')),
    name: text('name'),
    isJson: given.get('json') === true,
    hasProgress: given.get('no-progress') !== true,
    showsAll: given.get('all') === true,
    logFile: text('log-file'),
  };
}

function endpointOf(text: string | undefined): string | undefined {
  if (text === undefined || (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol))) return text;
  throw new UsageError(`--endpoint-url: ${JSON.stringify(text)} is not a URL such as http://127.0.0.1:9000`);
}

function portOf(flag: string, text: string | undefined): number {
  const port = text === undefined ? 0 : Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535 && text !== '') return port;
  throw new UsageError(
    `--${flag}: ${JSON.stringify(text)} is not a port: a number from 0 (any free) to 65535`,
  );
}
