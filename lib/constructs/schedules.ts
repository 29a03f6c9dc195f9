import { Duration, Stack, TimeZone, Token } from 'aws-cdk-lib';
import { Schedule, ScheduleExpression, ScheduleTargetInput } from 'aws-cdk-lib/aws-scheduler';
import { StepFunctionsStartExecution } from 'aws-cdk-lib/aws-scheduler-targets';
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { Allowed } from '../../core/access/allowed.ts';
import { checkRequest } from '../../core/access/check-copy-request.ts';
import { CopyError } from '../../core/model/errors.ts';
import { ContextError, type SyncSettings } from '../context.ts';
import type { Reach } from '../permissions.ts';

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
  /** What the requests may name. */
  readonly reach: Reach;
  readonly stateMachine: IStateMachine;
  readonly syncs: readonly SyncSettings[];
  /** Fields that every sync's request has unless it says otherwise. */
  readonly defaults: Readonly<Record<string, unknown>>;
}

/** One schedule per sync, on the same state machine; its request is checked before anything is deployed. */
export class Schedules extends Construct {
  constructor(scope: Construct, id: string, props: SchedulesProps) {
    super(scope, id);
    const { name, stateMachine, syncs } = props;
    for (const [index, sync] of syncs.entries()) {
      const request = checkedRequest(`syncs.${index}`, sync, props);
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

/**
 * The copy request of a sync. It is checked at synth, since nobody sees it fail at night.
 *
 * @param path of the sync in the context
 */
function checkedRequest(
  path: string,
  sync: SyncSettings,
  { reach, defaults }: SchedulesProps,
): Record<string, unknown> {
  const request = { ...syncDefaults, ...defaults, ...sync.request };
  try {
    checkRequest(request, allowedBy(reach), isWorkBucket(reach));
  } catch (error) {
    if (!(error instanceof CopyError)) throw error;
    const fields = Object.keys(defaults).length === 0 ? `${path}.request` : `${path}.request with defaults`;
    throw new ContextError(
      `${fields}: the request of the sync ${sync.name} can never run on this stack: ${error.message}`,
      { cause: error },
    );
  }
  return request;
}

/** Names that are known only when the stack is deployed may be any. */
const known = (names: readonly string[], any: string): readonly string[] =>
  names.some((name) => Token.isUnresolved(name)) ? [any] : names;

const allowedBy = ({ sources, destinations, lists, roles, keys, temp, switches }: Reach): Allowed => ({
  source: known(sources, '*'),
  destination: known(destinations, '*'),
  lists: known(lists, 's3://'),
  roles: known(roles, '*'),
  keys: known(keys, '*'),
  temp,
  switches,
});

/** CloudFormation names the work bucket when the stack is deployed, after its id in the template. */
function isWorkBucket({ work }: Reach): (bucket: string) => boolean {
  const { Ref: id } = Stack.of(work).resolve(work.bucketName) as { Ref?: string };
  return (bucket) => id !== undefined && bucket.includes(`-${id.toLowerCase()}-`);
}
