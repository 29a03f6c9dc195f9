import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import {
  Choice,
  Condition,
  Errors,
  Map as InlineMap,
  ProvideItems,
  Succeed,
} from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { groupsAtOnce } from '../../core/rules/concurrency.ts';
import { batchPayload, calledAgain, mayCallAgain, nothingRemains } from '../payloads.ts';
import { stepTask } from './step-task.ts';

/**
 * Calls of each function for one group. The largest object has 250 parts of 5 GiB in a group: seven waves of 40
 * copies. Five calls of 15 minutes leave ten minutes for each wave, 8 MiB/s per copy. The next pass copies what
 * is left then, and continues from the part files that exist.
 */
const maxCalls = 5;

export interface PartGroupsProps {
  readonly makeTempFiles: LambdaFunction;
  readonly makePartFiles: LambdaFunction;
  readonly copyParts: LambdaFunction;
}

/**
 * The groups of parts of one large object: temp files, then part files, or ranges straight into the target's upload. Each
 * function is called again while something remains.
 *
 * On input `{v, run, pass, batch, groups, strategy}`; the output has `left`, which is 0 when every group is complete. A
 * group whose functions keep failing is caught, because the failure of one iteration would end all others: each
 * group is attempted, then `left` says that some are not complete.
 */
export class PartGroups extends Construct {
  readonly map: InlineMap;

  constructor(scope: Construct, id: string, { makeTempFiles, makePartFiles, copyParts }: PartGroupsProps) {
    super(scope, id);
    const payload = { ...batchPayload, group: '{% $states.input.group %}' };
    const first = stepTask(this, 'Make temp files', {
      lambdaFunction: makeTempFiles,
      payload,
      outputs: calledAgain,
    });
    const second = stepTask(this, 'Make part files', {
      lambdaFunction: makePartFiles,
      payload,
      outputs: calledAgain,
    });
    const direct = stepTask(this, 'Copy parts', {
      lambdaFunction: copyParts,
      payload,
      outputs: calledAgain,
    });
    const end = Succeed.jsonata(this, 'Group ends', {
      outputs: '{% {"remaining": $states.input.remaining} %}',
    });
    for (const task of [first, second, direct]) {
      task.addCatch(end, { errors: [Errors.ALL], outputs: '{% {"remaining": 1} %}' });
    }
    first.next(
      Choice.jsonata(this, 'Temp files made?')
        .when(Condition.jsonata(nothingRemains), second)
        .when(Condition.jsonata(mayCallAgain(maxCalls)), first)
        .otherwise(end),
    );
    second.next(
      Choice.jsonata(this, 'Part files made?')
        .when(Condition.jsonata(mayCallAgain(maxCalls)), second)
        .otherwise(end),
    );
    direct.next(
      Choice.jsonata(this, 'Parts copied?')
        .when(Condition.jsonata(mayCallAgain(maxCalls)), direct)
        .otherwise(end),
    );
    const start = Choice.jsonata(this, 'Which strategy?')
      .when(Condition.jsonata("{% $states.input.strategy = 'direct' %}"), direct)
      .otherwise(first);
    this.map = InlineMap.jsonata(this, 'Parts', {
      items: ProvideItems.jsonata('{% [0..$states.input.groups - 1] %}'),
      itemSelector: {
        ...batchPayload,
        group: '{% $states.context.Map.Item.Value %}',
        strategy: '{% $states.input.strategy %}',
        calls: 0,
      },
      maxConcurrency: groupsAtOnce,
      outputs: '{% $merge([$states.input, {"left": $sum([$states.result.remaining])}]) %}',
    }).itemProcessor(start);
  }
}
