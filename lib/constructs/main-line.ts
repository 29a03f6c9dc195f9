import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Choice, Condition, type IChainable, Parallel, Succeed } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { StepName } from '../../core/model/steps.ts';
import { versioned } from '../payloads.ts';
import type { Reach } from '../permissions.ts';
import { BatchMap } from './batch-map.ts';
import { MultipartChild } from './multipart-child.ts';
import { ObjectsChild } from './objects-child.ts';
import { stepTask } from './step-task.ts';

/** Variables of the run that a task's result sets, whole or only when it asks for another pass. */
const counts = {
  pass: '{% $states.result.Payload.pass %}',
  objects: '{% $states.result.Payload.objects %}',
  multipart: '{% $states.result.Payload.multipart %}',
} as const;
const countsWhenAgain = {
  pass: '{% $states.result.Payload.again ? $states.result.Payload.pass : $pass %}',
  objects: '{% $states.result.Payload.objects %}',
  multipart: '{% $states.result.Payload.multipart %}',
} as const;

const toDelete = Condition.jsonata('{% $deletes %}');
const notDone = Condition.jsonata('{% $not($states.input.done) %}');
const anotherPass = Condition.jsonata('{% $states.input.again %}');

export interface MainLineProps {
  /** What requests may name. */
  readonly reach: Reach;
  readonly work: IBucket;
  readonly functions: Readonly<Record<StepName, LambdaFunction>>;
}

/**
 * The states of an execution: prepare, plan, then passes of copying while another pass could improve the result, and
 * the report.
 *
 * Report is the state that fails, in its own task and with nothing after it: a redrive continues from the state
 * that failed, so it calls Report again, which finds what is missing and leads back to Copy.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html (read 2026-11-22)
 */
export class MainLine extends Construct {
  readonly start: IChainable;

  constructor(scope: Construct, id: string, { reach, work, functions }: MainLineProps) {
    super(scope, id);
    const copy = this.copy(work, functions);
    const report = this.report(functions.report, copy);
    const deletion = this.deletion(functions['delete-objects'], report);
    const planned = Choice.jsonata(this, 'Planned?');
    const plan = stepTask(this, 'Plan', {
      lambdaFunction: functions.plan,
      payload: { ...versioned, run: '{% $run %}' },
      assign: { ...counts, deletes: '{% $states.result.Payload.deletes %}' },
    });
    const reconciled = Choice.jsonata(this, 'Reconciled?');
    const reconcile = stepTask(this, 'Reconcile', {
      lambdaFunction: functions.reconcile,
      payload: { ...versioned, run: '{% $run %}', pass: '{% $pass %}' },
      assign: countsWhenAgain,
    });
    copy.next(reconcile);
    reconcile.next(
      reconciled.when(notDone, reconcile).when(anotherPass, copy).when(toDelete, deletion).otherwise(report),
    );
    plan.next(
      planned
        .when(notDone, plan)
        .when(Condition.jsonata('{% $states.input.objects + $states.input.multipart > 0 %}'), copy)
        .when(toDelete, deletion)
        .otherwise(report),
    );
    this.start = this.prepare(functions.prepare, reach).next(plan);
  }

  /** The buckets come with the call: the environment of a function holds 4 KiB, which is less than many names. */
  private prepare(lambdaFunction: LambdaFunction, reach: Reach) {
    const { sources, destinations, lists, roles, keys, temp, switches } = reach;
    return stepTask(this, 'Prepare', {
      lambdaFunction,
      payload: {
        request: '{% $states.input %}',
        execution: {
          arn: '{% $states.context.Execution.Id %}',
          name: '{% $states.context.Execution.Name %}',
          startTime: '{% $states.context.Execution.StartTime %}',
        },
        allowed: { source: sources, destination: destinations, lists, roles, keys, temp, switches },
      },
      assign: { run: '{% $states.result.Payload.run %}', workers: '{% $states.result.Payload.workers %}' },
    });
  }

  /** One pass: both maps at once, each on the batches of the pass. */
  private copy(work: IBucket, functions: MainLineProps['functions']): Parallel {
    const objects = new ObjectsChild(this, 'ObjectsChild', { copyObjects: functions['copy-objects'] });
    const multipart = new MultipartChild(this, 'MultipartChild', {
      openObject: functions['open-object'],
      makeTempFiles: functions['make-temp-files'],
      makePartFiles: functions['make-part-files'],
      copyParts: functions['copy-parts'],
      finalizeObject: functions['finalize-object'],
    });
    return Parallel.jsonata(this, 'Copy', { outputs: '{% {} %}' }).branch(
      new BatchMap(this, 'Objects', { map: 'objects', label: 'Objects', work, child: objects.start }).start,
      new BatchMap(this, 'Multipart', { map: 'multipart', label: 'Multipart', work, child: multipart.start })
        .start,
    );
  }

  /** After all copies, and only in runs whose plan found something to delete. */
  private deletion(lambdaFunction: LambdaFunction, report: IChainable): IChainable {
    const deletion = stepTask(this, 'Delete', {
      lambdaFunction,
      payload: { ...versioned, run: '{% $run %}', pass: '{% $pass %}' },
    });
    return deletion.next(Choice.jsonata(this, 'Deleted?').when(notDone, deletion).otherwise(report));
  }

  /** The last task, which fails the execution by its own error, and after a redrive leads back to Copy. */
  private report(lambdaFunction: LambdaFunction, copy: Parallel): IChainable {
    const report = stepTask(this, 'Report', {
      lambdaFunction,
      payload: {
        ...versioned,
        run: '{% $run %}',
        pass: '{% $pass %}',
        executionArn: '{% $states.context.Execution.Id %}',
        // In one object, since a field without a value fails the state: there is no RedriveTime before a redrive.
        redrive: '{% $states.context.Execution.{"count": RedriveCount, "time": RedriveTime} %}',
      },
      assign: countsWhenAgain,
    });
    const reported = Choice.jsonata(this, 'Reported?');
    report.next(
      reported.when(notDone, report).when(anotherPass, copy).otherwise(Succeed.jsonata(this, 'Done')),
    );
    return report;
  }
}
