import { ArnFormat, Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { Policy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import {
  Choice,
  Condition,
  DefinitionBody,
  type IChainable,
  LogLevel,
  Parallel,
  QueryLanguage,
  StateMachine,
  StateMachineType,
  Succeed,
} from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { acknowledgeWildcards, type WildcardReason } from '../acknowledge.ts';
import { versioned } from '../payloads.ts';
import { Lane } from './lane.ts';
import { MultipartChild } from './multipart-child.ts';
import { ObjectsChild } from './objects-child.ts';
import { stepTask } from './step-task.ts';
import type { StepName } from './steps.ts';

/**
 * The longest run. An execution can be redriven for 14 days after it ended, and the files of a run expire after
 * 60: 20 + 14 + 20 days of a redrive fit.
 */
const longestRun = Duration.days(20);

/** Variables of the run that a task's result sets, whole or only when it asks for another pass. */
const lanes = {
  pass: '{% $states.result.Payload.pass %}',
  objects: '{% $states.result.Payload.objects %}',
  multipart: '{% $states.result.Payload.multipart %}',
} as const;
const lanesWhenAgain = {
  pass: '{% $states.result.Payload.again ? $states.result.Payload.pass : $pass %}',
  objects: '{% $states.result.Payload.objects %}',
  multipart: '{% $states.result.Payload.multipart %}',
} as const;

const notDone = Condition.jsonata('{% $not($states.input.done) %}');
const anotherPass = Condition.jsonata('{% $states.input.again %}');

const wildcardReasons: readonly WildcardReason[] = [
  { resource: /^<\w+\.Arn>:\*$/, reason: 'Versions of the functions of this stack.' },
  { resource: /:states:.*:execution:/, reason: 'Executions and map runs of this state machine.' },
  { resource: /:s3:::<\w+>\/\*$/, reason: 'Results of map runs in the work bucket of this stack.' },
  { resource: /^\*$/, reason: 'The actions that deliver logs have no resource to name.' },
];

export interface PipelineProps {
  /** Name of the state machine. */
  readonly name: string;
  readonly work: IBucket;
  readonly functions: Readonly<Record<StepName, LambdaFunction>>;
}

/**
 * The state machine: prepare, plan, then pass after pass of copying until nothing may become better, and the
 * report.
 *
 * Report is the state that fails, in its own task and with nothing behind it: a redrive continues from the state
 * that failed, so it calls Report again, which finds what is missing and leads back to Copy.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html (read 2026-11-22)
 */
export class Pipeline extends Construct {
  readonly stateMachine: StateMachine;

  constructor(scope: Construct, id: string, { name, work, functions }: PipelineProps) {
    super(scope, id);
    this.stateMachine = new StateMachine(this, 'StateMachine', {
      stateMachineName: name,
      stateMachineType: StateMachineType.STANDARD,
      queryLanguage: QueryLanguage.JSONATA,
      comment: 'Copies and syncs S3 buckets, and proves every object',
      definitionBody: DefinitionBody.fromChainable(this.definition(work, functions)),
      timeout: longestRun,
      logs: {
        destination: new LogGroup(this, 'Log', {
          logGroupName: `/aws/vendedlogs/states/${name}`,
          retention: RetentionDays.THREE_MONTHS,
          removalPolicy: RemovalPolicy.DESTROY,
        }),
        level: LogLevel.ERROR,
        includeExecutionData: false,
      },
      tracingEnabled: false,
    });
    this.letReportCountRedrives(functions.report);
    this.acknowledge();
  }

  private definition(work: IBucket, functions: PipelineProps['functions']): IChainable {
    const copy = this.copy(work, functions);
    const report = this.report(functions.report, copy);
    const planned = Choice.jsonata(this, 'Planned?');
    const plan = stepTask(this, 'Plan', {
      lambdaFunction: functions.plan,
      payload: { ...versioned, run: '{% $run %}' },
      assign: lanes,
    });
    const reconciled = Choice.jsonata(this, 'Reconciled?');
    const reconcile = stepTask(this, 'Reconcile', {
      lambdaFunction: functions.reconcile,
      payload: { ...versioned, run: '{% $run %}', pass: '{% $pass %}' },
      assign: lanesWhenAgain,
    });
    copy.next(reconcile);
    reconcile.next(reconciled.when(notDone, reconcile).when(anotherPass, copy).otherwise(report));
    plan.next(
      planned
        .when(notDone, plan)
        .when(Condition.jsonata('{% $states.input.objects + $states.input.multipart = 0 %}'), report)
        .otherwise(copy),
    );
    return this.prepare(functions.prepare).next(plan);
  }

  private prepare(lambdaFunction: LambdaFunction) {
    return stepTask(this, 'Prepare', {
      lambdaFunction,
      payload: {
        request: '{% $states.input %}',
        execution: {
          arn: '{% $states.context.Execution.Id %}',
          name: '{% $states.context.Execution.Name %}',
          startTime: '{% $states.context.Execution.StartTime %}',
        },
      },
      assign: { run: '{% $states.result.Payload.run %}', workers: '{% $states.result.Payload.workers %}' },
    });
  }

  /** One pass: both lanes at once, each on the orders of the pass. */
  private copy(work: IBucket, functions: PipelineProps['functions']): Parallel {
    const objects = new ObjectsChild(this, 'ObjectsChild', { copyObjects: functions['copy-objects'] });
    const multipart = new MultipartChild(this, 'MultipartChild', {
      openObject: functions['open-object'],
      stage1: functions['stage-1'],
      stage2: functions['stage-2'],
      finalizeObject: functions['finalize-object'],
    });
    return Parallel.jsonata(this, 'Copy', { outputs: '{% {} %}' }).branch(
      new Lane(this, 'Objects', { lane: 'objects', label: 'Objects', work, child: objects.start }).start,
      new Lane(this, 'Multipart', { lane: 'multipart', label: 'Multipart', work, child: multipart.start })
        .start,
    );
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
      },
      assign: lanesWhenAgain,
    });
    const reported = Choice.jsonata(this, 'Reported?');
    report.next(
      reported.when(notDone, report).when(anotherPass, copy).otherwise(Succeed.jsonata(this, 'Done')),
    );
    return report;
  }

  /** A policy of its own, and a formatted ARN: granted on the state machine, both would need each other first. */
  private letReportCountRedrives(report: LambdaFunction): void {
    const { stateMachineName } = this.stateMachine;
    const executions = Stack.of(this).formatArn({
      service: 'states',
      resource: 'execution',
      resourceName: `${stateMachineName}:*`,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    const policy = new Policy(this, 'CountRedrives', {
      statements: [
        new PolicyStatement({
          sid: 'CountRedrives',
          actions: ['states:DescribeExecution'],
          resources: [executions],
        }),
      ],
    });
    if (report.role) policy.attachToRole(report.role);
  }

  private acknowledge(): void {
    Validations.of(this.stateMachine).acknowledge(
      {
        id: 'AwsSolutions-SF1',
        reason:
          'The history of every execution is kept for 90 days by Step Functions itself; logs add the errors.',
      },
      { id: 'AwsSolutions-SF2', reason: 'X-Ray is not available for the children of distributed maps.' },
    );
    acknowledgeWildcards(this, wildcardReasons);
  }
}
