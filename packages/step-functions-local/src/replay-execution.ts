import type { JsonObject } from './json.ts';
import type { EventRow } from './store/event-table.ts';
import type { ExecutionEnd, ExecutionRow } from './store/execution-table.ts';

const statuses: Readonly<Record<string, ExecutionEnd['status']>> = {
  ExecutionSucceeded: 'SUCCEEDED',
  ExecutionFailed: 'FAILED',
  ExecutionAborted: 'ABORTED',
  ExecutionTimedOut: 'TIMED_OUT',
};

const running = { status: 'RUNNING', output: null, error: null, cause: null, stop_date: null } as const;

/** Returns the execution as it was after the first events of its history, or undefined when there are no events. */
export function replayExecution(row: ExecutionRow, events: readonly EventRow[]): ExecutionRow | undefined {
  let execution: ExecutionRow | undefined;
  for (const event of events) execution = next(execution, row, event);
  return execution;
}

function next(
  before: ExecutionRow | undefined,
  row: ExecutionRow,
  event: EventRow,
): ExecutionRow | undefined {
  const { id, type, timestamp } = event;
  const details = JSON.parse(event.details ?? '{}') as JsonObject;
  if (type === 'ExecutionStarted') {
    return { ...row, ...running, redrive_count: 0, redrive_date: null, event_count: 0 };
  }
  if (before === undefined) return undefined;
  if (type === 'ExecutionRedriven') {
    return { ...before, ...running, redrive_count: Number(details['redriveCount']), redrive_date: timestamp };
  }
  const status = statuses[type];
  if (status === undefined) return before;
  const text = (name: string): string | null => (details[name] as string | undefined) ?? null;
  const error = status === 'TIMED_OUT' ? null : text('error');
  return {
    ...before,
    status,
    output: text('output'),
    error,
    cause: text('cause'),
    stop_date: timestamp,
    event_count: id,
  };
}
