import { once } from 'node:events';
import type { Arguments } from '../arguments.ts';
import { appendLogs } from '../connect.ts';
import { ExitCode } from '../exit-codes.ts';
import { startHere } from '../here.ts';
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
    throw new UsageError(`local takes flags only, and ${JSON.stringify(args.words[0])} is none`);
  }
  const { data, endpointUrl, portS3, portSfn, logFile } = settingsOf(args);
  const local = await startHere({
    data,
    endpointUrl,
    s3Port: portS3,
    stepFunctionsPort: portSfn,
    logs: logFile === undefined ? undefined : appendLogs(logFile),
  });
  try {
    const { s3Url, stepFunctionsUrl, stateMachineArn, workBucket } = local;
    output.line(JSON.stringify({ s3: s3Url, stepFunctions: stepFunctionsUrl, stateMachineArn, workBucket }));
    if (!signal.aborted) await once(signal, 'abort');
  } finally {
    await local.close();
  }
  return ExitCode.done;
}
