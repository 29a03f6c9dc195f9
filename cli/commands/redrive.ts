import type { Arguments } from '../arguments.ts';
import { connect } from '../connect.ts';
import { redriveNow } from '../describe.ts';
import { takeRolesAgain } from '../local-roles.ts';
import type { Output } from '../output.ts';
import { runOf } from '../watch.ts';
import { arnOf, namedExecution, settingsFor } from './execution.ts';
import { follow, showEnd } from './follow.ts';
import { viewOf } from './view.ts';

/**
 * Redrives an execution that has failed or was stopped, and follows it to its end.
 *
 * @returns the exit code
 */
export async function redrive(args: Arguments, output: Output, signal: AbortSignal): Promise<number> {
  const execution = namedExecution(args, 'redrive');
  const settings = settingsFor(execution, args);
  const credentials = await takeRolesAgain(args, settings.isLocal);
  const connection = await connect(settings, credentials);
  try {
    signal.throwIfAborted();
    const executionArn = arnOf(connection, execution);
    const view = viewOf(settings, output);
    const redrives = await redriveNow(connection.sfn, executionArn);
    view.show({ event: 'redriven', executionArn, run: runOf(executionArn) });
    const { ended } = await follow({ connection, executionArn, redrives, view, signal });
    showEnd(ended, connection, view, output);
    return ended.exitCode;
  } finally {
    await connection.close();
  }
}
