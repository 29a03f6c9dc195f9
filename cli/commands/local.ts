import { once } from 'node:events';
import type { Arguments } from '../arguments.ts';
import { appendLogs } from '../connect.ts';
import { ExitCode } from '../exit-codes.ts';
import { type Here, startHere } from '../here.ts';
import { localRegion } from '../local/synthesis/application.ts';
import type { Output } from '../output.ts';
import { settingsOf } from '../settings.ts';
import { UsageError } from '../usage-error.ts';

/**
 * Serves S3 and the Step Functions API on this machine until it is stopped. The first line on standard output says,
 * as JSON, that both are ready and where they are.
 *
 * @returns the exit code: being stopped is how it ends
 */
export async function serve(args: Arguments, output: Output, signal: AbortSignal): Promise<number> {
  if (args.words.length > 0) {
    throw new UsageError(`local takes flags only, and ${JSON.stringify(args.words[0])} is not a flag`);
  }
  const { data, endpointUrl, portS3, portSfn, logFile } = settingsOf(args);
  if (endpointUrl !== undefined && args.given.has('port-s3')) {
    throw new UsageError(
      '--port-s3 cannot be combined with --endpoint-url: the S3 server is there already, and none is started here',
    );
  }
  const local = await startHere({
    data,
    endpointUrl,
    s3Port: portS3,
    stepFunctionsPort: portSfn,
    logs: logFile === undefined ? undefined : appendLogs(logFile),
  });
  try {
    const { s3Url, stepFunctionsUrl, stateMachineArn, workBucket } = local;
    const ready = {
      s3: s3Url,
      stepFunctions: stepFunctionsUrl,
      stateMachineArn,
      workBucket,
      region: localRegion,
      ...shownCredentials(local),
    };
    output.line(JSON.stringify(ready));
    if (!signal.aborted) await once(signal, 'abort');
  } finally {
    await local.close();
  }
  return ExitCode.done;
}

/** What to use both servers with. The secret key of another S3 server stays with its user. */
const shownCredentials = ({ store, credentials: { accessKeyId, secretAccessKey } }: Here) =>
  store === undefined ? { accessKeyId } : { accessKeyId, secretAccessKey };
