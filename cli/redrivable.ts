import type { DescribeExecutionCommandOutput } from '@aws-sdk/client-sfn';
import type { CopyErrorName } from '../core/model/errors.ts';
import type { FailureGroup } from '../core/model/failure-groups.ts';
import type { Report } from '../core/model/report.ts';

/** Errors that a redrive only meets again: what they need is another request, or another run. */
const needNewRun: ReadonlySet<string | undefined> = new Set<CopyErrorName>([
  'InvalidRequestError',
  'BucketNotFoundError',
  'PlanTooBigError',
  'RunFolderInUseError',
  'RunFileError',
  'DeleteGuardError',
]);

/** Failures that only another request prevents. */
const isLasting = ({ status, reason }: FailureGroup): boolean =>
  status === 'refused' || reason === 'UnprovenError' || reason === 'LayoutError';

/**
 * Whether a redrive may do what an execution has left undone.
 *
 * @param report left out when the execution ended before it
 */
export function mayRedrive(
  {
    status,
    error,
    redriveStatus,
  }: Pick<DescribeExecutionCommandOutput, 'status' | 'error' | 'redriveStatus'>,
  report: Report | undefined,
): boolean {
  if (status === 'SUCCEEDED' || status === 'RUNNING' || redriveStatus === 'NOT_REDRIVABLE') return false;
  if (needNewRun.has(error)) return false;
  if (report === undefined) return true;
  return report.undeleted > 0 || report.failures.some((group) => !isLasting(group));
}
