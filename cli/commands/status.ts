import type { DescribeExecutionCommandOutput } from '@aws-sdk/client-sfn';
import type { Arguments } from '../arguments.ts';
import { conclude } from '../conclude.ts';
import { connect } from '../connect.ts';
import type { Progress } from '../events.ts';
import { ExitCode } from '../exit-codes.ts';
import type { Output } from '../output.ts';
import { type Pace, shareDone } from '../pace.ts';
import { progressText } from '../progress-text.ts';
import { runOf, Watch } from '../watch.ts';
import { arnOf, namedExecution, settingsFor } from './execution.ts';
import { showEnd } from './follow.ts';
import { viewOf } from './view.ts';

const timeText = (date: Date | undefined): string => `${date?.toISOString().slice(0, 19)}Z`;

/** The name of a run, its state, and since when. */
function stateText(described: DescribeExecutionCommandOutput): string {
  const { executionArn = '', status, startDate, redriveDate, stopDate } = described;
  const times = [
    `started ${timeText(startDate)}`,
    ...(redriveDate === undefined ? [] : [`redriven ${timeText(redriveDate)}`]),
    ...(stopDate === undefined ? [] : [`ended ${timeText(stopDate)}`]),
  ];
  return `run ${runOf(executionArn)}  ${status}  ${times.join(', ')}`;
}

const stateOf = ({
  executionArn = '',
  status,
  startDate,
  redriveDate,
  stopDate,
}: DescribeExecutionCommandOutput) => ({
  executionArn,
  run: runOf(executionArn),
  status: String(status),
  startedAt: startDate?.toISOString(),
  redrivenAt: redriveDate?.toISOString(),
  endedAt: stopDate?.toISOString(),
});

/** The rate since the start. For a redriven run it is unknown, since one look does not show what was done before. */
function paceOf(
  { startDate, redriveDate }: DescribeExecutionCommandOutput,
  progress: Progress,
): Pace | undefined {
  const seconds = (Date.now() - (startDate?.getTime() ?? 0)) / 1_000;
  const share = shareDone(progress);
  if (redriveDate !== undefined || seconds <= 0 || share === 0) return undefined;
  return {
    bytesPerSecond: progress.done.bytes / seconds,
    objectsPerSecond: progress.done.objects / seconds,
    secondsLeft: ((1 - share) * seconds) / share,
  };
}

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
    const isRunning = described.status === 'RUNNING' || described.status === 'PENDING_REDRIVE';
    const ended = isRunning ? undefined : await conclude(described, watch.folder);
    if (!settings.isJson) output.line(stateText(described));
    if (ended?.report === undefined) {
      const progress = await watch.look();
      if (settings.isJson) view.show({ event: 'described', ...stateOf(described), ...progress });
      else output.line(progressText(progress, isRunning ? paceOf(described, progress) : undefined));
    }
    if (ended === undefined) return ExitCode.done;
    showEnd(ended, connection, view, output);
    return ended.exitCode;
  } finally {
    await connection.close();
  }
}
