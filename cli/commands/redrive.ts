import { RedriveExecutionCommand } from '@aws-sdk/client-sfn';
import type { Arguments } from '../arguments.ts';
import { connect } from '../connect.ts';
import { takeRoles } from '../local-roles.ts';
import type { Output } from '../output.ts';
import { settingsOf } from '../settings.ts';
import { runOf } from '../watch.ts';
import { arnOf, namedExecution, stateMachineOf } from './execution.ts';
import { follow, showEnd } from './follow.ts';
import { viewOf } from './view.ts';

/**
 * Redrives an execution that has failed or was stopped, and follows it to its end.
 *
 * @returns the exit code
 */
export async function redrive(args: Arguments, output: Output, signal: AbortSignal): Promise<number> {
  const execution = namedExecution(args, 'redrive');
  const settings = settingsOf(args);
  const stateMachineArn = stateMachineOf(execution) ?? settings.stateMachineArn;
  const { credentials } = await takeRoles(args, settings.isLocal);
  const connection = await connect({ ...settings, stateMachineArn }, credentials);
  try {
    signal.throwIfAborted();
    const executionArn = arnOf(connection, execution);
    const view = viewOf(settings, output);
    await connection.sfn.send(new RedriveExecutionCommand({ executionArn }));
    view.show({ event: 'redriven', executionArn, run: runOf(executionArn) });
    const { ended } = await follow({ connection, executionArn, view, signal });
    showEnd(ended, connection, view, output);
    return ended.exitCode;
  } finally {
    await connection.close();
  }
}
