import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Choice, Condition, Fail, type IChainable, Succeed } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { CopyErrorName } from '../../core/model/errors.ts';
import { batchPayload, calledAgain, mayCallAgain } from '../payloads.ts';
import { PartGroups } from './part-groups.ts';
import { stepTask } from './step-task.ts';

/**
 * Calls of the last step. The largest object has 10,000 parts of 5 GiB: 250 waves of 40 copies, two and more of
 * which end within a call of 15 minutes even at 12 MiB/s a copy.
 */
const maxFinalizeCalls = 50;

const partsMissing: CopyErrorName = 'StorageError';

export interface MultipartChildProps {
  readonly openObject: LambdaFunction;
  readonly makeTempFiles: LambdaFunction;
  readonly makePartFiles: LambdaFunction;
  readonly copyParts: LambdaFunction;
  readonly finalizeObject: LambdaFunction;
}

/**
 * The workflow of one large object: open it, copy the groups of its parts, put it together.
 *
 * It fails when a group is not complete, so that the map run shows it. Nothing of it is lost: the part files
 * stay, and Reconcile finds an object without a result.
 */
export class MultipartChild extends Construct {
  readonly start: IChainable;

  constructor(scope: Construct, id: string, props: MultipartChildProps) {
    super(scope, id);
    const open = stepTask(this, 'Open object', {
      lambdaFunction: props.openObject,
      payload: batchPayload,
      outputs:
        '{% $merge([$states.input, {"groups": $states.result.Payload.groups, "strategy": $states.result.Payload.strategy}]) %}',
    });
    const { map: parts } = new PartGroups(this, 'PartGroups', props);
    const finalize = stepTask(this, 'Finalize object', {
      lambdaFunction: props.finalizeObject,
      payload: batchPayload,
      outputs: calledAgain,
    });
    const done = Succeed.jsonata(this, 'Object done', { outputs: '{% {} %}' });
    const incomplete = Fail.jsonata(this, 'Parts are missing', {
      error: partsMissing,
      cause:
        "{% 'groups of parts are not complete; the next pass or a redrive continues from the part files of batch ' & $states.input.batch %}",
    });
    finalize.next(
      Choice.jsonata(this, 'Object remains?')
        .when(Condition.jsonata(mayCallAgain(maxFinalizeCalls)), finalize)
        .otherwise(done),
    );
    parts.next(
      Choice.jsonata(this, 'All parts there?')
        .when(Condition.jsonata('{% $states.input.left = 0 %}'), finalize)
        .otherwise(incomplete),
    );
    this.start = open.next(
      Choice.jsonata(this, 'Any parts?')
        .when(Condition.jsonata('{% $states.input.groups > 0 %}'), parts)
        .otherwise(done),
    );
  }
}
