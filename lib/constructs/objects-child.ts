import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Choice, Condition, type IChainable, Succeed } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { batchPayload, calledAgain, mayCallAgain } from '../payloads.ts';
import { stepTask } from './step-task.ts';

/**
 * Calls of one worker for one batch. A batch has at most 5,000 objects and 256 GiB, which one call of
 * 15 minutes copies unless S3 slows it down; Reconcile puts what is left after the last call into a batch of the next pass.
 */
const maxCalls = 20;

/** With all calls of a batch, a third of the events that a history may have: two days of waiting on average. */
const throttleRetries = 100;

export interface ObjectsChildProps {
  readonly copyObjects: LambdaFunction;
}

/** The workflow of one batch of objects: its worker, called again while something remains. */
export class ObjectsChild extends Construct {
  readonly start: IChainable;

  constructor(scope: Construct, id: string, { copyObjects }: ObjectsChildProps) {
    super(scope, id);
    const copy = stepTask(this, 'Copy objects', {
      lambdaFunction: copyObjects,
      payload: batchPayload,
      outputs: calledAgain,
      throttleRetries,
    });
    this.start = copy.next(
      Choice.jsonata(this, 'Objects remain?')
        .when(Condition.jsonata(mayCallAgain(maxCalls)), copy)
        .otherwise(Succeed.jsonata(this, 'Batch done', { outputs: '{% {} %}' })),
    );
  }
}
