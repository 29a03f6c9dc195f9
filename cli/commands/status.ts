import type { Arguments } from '../arguments.ts';
import { conclude } from '../conclude.ts';
import { connect } from '../connect.ts';
import { ExitCode } from '../exit-codes.ts';
import type { Output } from '../output.ts';
import { PaceMeter } from '../pace.ts';
import { progressText } from '../progress-text.ts';
import { Watch } from '../watch.ts';
import { arnOf, namedExecution, settingsFor } from './execution.ts';
import { showEnd } from './follow.ts';
import { viewOf } from './view.ts';

/**
 * Shows once how far a run is, or how it ended.
 *
 * @returns the exit code that the run would have had; 0 while it runs
 */
export async function status(args: Arguments, output: Output): Promise<number> {
  const execution = namedExecution(args, 'status');
  const settings = settingsFor(execution, args);
  const connection = await connect(settings);
  try {
    const watch = new Watch(connection, arnOf(connection, execution));
    const described = await watch.describe();
    const view = viewOf(settings, output);
    if (described.status !== 'RUNNING') {
      const ended = await conclude(described, watch.folder);
      showEnd(ended, connection, view, output);
      return ended.exitCode;
    }
    const progress = await watch.look();
    if (settings.isJson) view.show({ event: 'progress', ...progress });
    else output.line(progressText(progress, new PaceMeter().measure(progress)));
    return ExitCode.done;
  } finally {
    await connection.close();
  }
}
