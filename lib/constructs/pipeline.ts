import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import {
  DefinitionBody,
  LogLevel,
  QueryLanguage,
  StateMachine,
  StateMachineType,
} from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { StepName } from '../../core/model/steps.ts';
import { acknowledgeWildcards, type WildcardReason } from '../acknowledge.ts';
import type { Reach } from '../permissions.ts';
import { MainLine } from './main-line.ts';

/**
 * The longest run. An execution can be redriven for 14 days after it ended, and the files of a run expire after
 * 60: 20 + 14 + 20 days of a redrive fit.
 */
const longestRun = Duration.days(20);

const wildcardReasons: readonly WildcardReason[] = [
  { resource: /^<\w+\.Arn>:\*$/, reason: 'Versions of the functions of this stack.' },
  { resource: /:states:.*:execution:/, reason: 'Executions and map runs of this state machine.' },
  { resource: /:s3:::<\w+>\/\*$/, reason: 'Results of map runs in the work bucket of this stack.' },
  { resource: /^\*$/, reason: 'The actions that deliver logs have no resource to name.' },
];

export interface PipelineProps {
  /** Name of the state machine. */
  readonly name: string;
  /** What requests may name. */
  readonly reach: Reach;
  readonly work: IBucket;
  readonly functions: Readonly<Record<StepName, LambdaFunction>>;
}

/** The state machine with its log. */
export class Pipeline extends Construct {
  readonly stateMachine: StateMachine;

  constructor(scope: Construct, id: string, { name, reach, work, functions }: PipelineProps) {
    super(scope, id);
    this.stateMachine = new StateMachine(this, 'StateMachine', {
      stateMachineName: name,
      stateMachineType: StateMachineType.STANDARD,
      queryLanguage: QueryLanguage.JSONATA,
      comment: 'Copies and syncs S3 buckets, and proves every object',
      definitionBody: DefinitionBody.fromChainable(
        new MainLine(this, 'MainLine', { reach, work, functions }).start,
      ),
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
    this.acknowledge();
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
