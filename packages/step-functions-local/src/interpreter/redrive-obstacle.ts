import { RedriveLimits } from '../limits.ts';
import type { ExecutionRow } from '../store/execution-table.ts';

/**
 * Returns why an execution cannot be redriven, or undefined when it can. Looks only at the execution itself.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html (read 2026-11-22)
 */
export function findRedriveObstacle(execution: ExecutionRow, now: number): string | undefined {
  const { status, event_count, start_date, stop_date } = execution;
  if (status === 'RUNNING' || status === 'PENDING_REDRIVE')
    return 'Execution is RUNNING and cannot be redriven';
  if (status === 'SUCCEEDED') return 'Execution is SUCCEEDED and cannot be redriven';
  if (event_count >= RedriveLimits.historyEvents) return 'Execution history event limit exceeded';
  if (now - (stop_date ?? now) > RedriveLimits.periodMillis)
    return 'Execution has exceeded the max redrivable period';
  if (now - start_date >= RedriveLimits.durationMillis)
    return 'Execution has exceeded the max duration of one year';
  return undefined;
}
