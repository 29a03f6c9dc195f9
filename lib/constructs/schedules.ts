import { Duration, TimeZone } from 'aws-cdk-lib';
import { Schedule, ScheduleExpression, ScheduleTargetInput } from 'aws-cdk-lib/aws-scheduler';
import { StepFunctionsStartExecution } from 'aws-cdk-lib/aws-scheduler-targets';
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { CopyError } from '../../lambdas/core/errors.ts';
import { parseRequest } from '../../lambdas/core/request.ts';
import { ContextError, type SyncSettings } from '../context.ts';

/** A sync runs again and again: it keeps no part files unless asked to. */
const syncDefaults = { keepParts: false } as const;

/**
 * How long Scheduler tries to start an execution. A start that is later than an hour is left to the next one.
 *
 * @see https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-retry-policy.html (read 2026-11-22)
 */
const latestStart = Duration.hours(1);

/** @see https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html (read 2026-11-27) */
const longestName = 64;

export interface SchedulesProps {
  /** Prefix of the schedules' names. */
  readonly name: string;
  readonly stateMachine: IStateMachine;
  readonly syncs: readonly SyncSettings[];
  /** Fields that every sync's request has unless it says otherwise. */
  readonly defaults: Readonly<Record<string, unknown>>;
}

/** One schedule a sync, on the same state machine; its request is checked before anything is deployed. */
export class Schedules extends Construct {
  constructor(scope: Construct, id: string, { name, stateMachine, syncs, defaults }: SchedulesProps) {
    super(scope, id);
    for (const sync of syncs) {
      const request = checkedRequest(sync, defaults);
      const scheduleName = scheduleNameOf(name, sync);
      const target = new StepFunctionsStartExecution(stateMachine, {
        input: ScheduleTargetInput.fromObject(request),
        maxEventAge: latestStart,
      });
      new Schedule(this, sync.name, {
        scheduleName,
        description: `s3copy: the sync ${sync.name}`,
        schedule: ScheduleExpression.expression(sync.schedule, TimeZone.of(sync.timezone ?? 'Etc/UTC')),
        enabled: sync.enabled,
        target,
      });
    }
  }
}

function scheduleNameOf(name: string, sync: SyncSettings): string {
  const scheduleName = `${name}-${sync.name}`;
  if (scheduleName.length <= longestName) return scheduleName;
  throw new ContextError(
    `the schedule of the sync ${sync.name} would be named ${scheduleName}, which is ${scheduleName.length} characters, and EventBridge Scheduler allows ${longestName}: use a shorter name for the stack or for the sync`,
  );
}

function checkedRequest(sync: SyncSettings, defaults: SchedulesProps['defaults']): Record<string, unknown> {
  const request = { ...syncDefaults, ...defaults, ...sync.request };
  try {
    parseRequest(request);
  } catch (error) {
    if (!(error instanceof CopyError)) throw error;
    throw new ContextError(`the request of the sync ${sync.name} is wrong: ${error.message}`, {
      cause: error,
    });
  }
  return request;
}
