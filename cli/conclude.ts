import type { DescribeExecutionCommandOutput } from '@aws-sdk/client-sfn';
import { z } from 'zod';
import { countDifferences, Report } from '../core/model/report.ts';
import { runPaths } from '../core/model/run-paths.ts';
import type { Ended } from './events.ts';
import { ExitCode, exitCodeOf } from './exit-codes.ts';
import { mayRedrive } from './redrivable.ts';
import type { RunFolder } from './run-folder.ts';

/** A line of `failures.jsonl`, as far as it is shown. */
const FailureLine = z.object({
  sourceKey: z.string(),
  target: z.string().optional(),
  status: z.string(),
  reason: z.string().optional(),
  error: z.string().optional(),
  message: z.string().optional(),
});

/** What Lambda makes of an error that a function throws. */
const LambdaCause = z.object({ errorMessage: z.string() });

/** The words of an error: those of the function that threw it, or of Step Functions. */
function messageOf(cause: string | undefined): string | undefined {
  if (cause === undefined) return undefined;
  try {
    return LambdaCause.parse(JSON.parse(cause)).errorMessage;
  } catch {
    return cause;
  }
}

/** Every end but this one comes before the report, so that a report found then is of an earlier end. */
const hasReport = ({ status, error }: DescribeExecutionCommandOutput): boolean =>
  status === 'SUCCEEDED' || error === 'ObjectsFailedError' || error === 'DeleteGuardError';

/** Whether a run that changes nothing has found something to be done about. */
const hasFindings = (report: Report | undefined): boolean =>
  report?.wouldFail === true || (report?.outcome === 'compared' && countDifferences(report) > 0);

/** Puts together how an execution ended, with its report. */
export async function conclude(execution: DescribeExecutionCommandOutput, folder: RunFolder): Promise<Ended> {
  const { executionArn = '', status = '', error, cause } = execution;
  const report = hasReport(execution) ? await folder.json(runPaths.report, Report) : undefined;
  const failures =
    report === undefined || error === undefined
      ? []
      : await folder.firstLines(runPaths.failures, FailureLine);
  return {
    executionArn,
    status,
    error,
    message: messageOf(cause),
    exitCode: hasFindings(report) ? ExitCode.incomplete : exitCodeOf(status, error),
    mayRedrive: mayRedrive(execution, report),
    report,
    failures: failures.slice(0, 10),
  };
}
