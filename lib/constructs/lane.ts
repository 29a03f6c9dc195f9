import type { IBucket } from 'aws-cdk-lib/aws-s3';
import {
  Choice,
  Condition,
  DistributedMap,
  type IChainable,
  Pass,
  ResultWriterV2,
  S3ObjectsItemReader,
  StateMachineType,
} from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { Lane as LaneName } from '../../core/model/batches.ts';
import { versioned } from '../payloads.ts';
import { runsFolder } from './work-bucket.ts';

export interface LaneProps {
  /** Name of the lane: the variable with the number of its orders, and their folder. */
  readonly lane: LaneName;
  /** Label of the map run, at most 40 characters: part of its children's ARNs. */
  readonly label: string;
  readonly work: IBucket;
  /** The workflow of one order, on input `{v, run, pass, order, calls: 0}`. */
  readonly child: IChainable;
}

/**
 * What the fields of the map need to know, handed over as its input: a distributed map is documented to see no
 * variables of the workflow around it, and not whether that holds for its own fields.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html (read 2026-11-22)
 */
const mapInput = { run: '{% $run %}', pass: '{% $pass %}', workers: '{% $workers %}' } as const;

/**
 * One of the two lanes of a pass: a child workflow for each order file of the lane, or nothing when the pass
 * has no order for it.
 *
 * Children may fail, all of them: what they did is in the results they wrote, and Reconcile orders again what
 * has none. Children know nothing of the parent but what the item selector gives them. Their own results go to
 * the work bucket only to keep them out of the state.
 */
export class Lane extends Construct {
  readonly start: IChainable;

  constructor(scope: Construct, id: string, { lane, label, work, child }: LaneProps) {
    super(scope, id);
    const map = DistributedMap.jsonata(this, `Each order of ${lane}`, {
      label,
      mapExecutionType: StateMachineType.STANDARD,
      jsonataMaxConcurrency: '{% $states.input.workers %}',
      toleratedFailurePercentage: 100,
      itemReader: new S3ObjectsItemReader({
        bucket: work,
        prefix: `{% '${runsFolder}' & $states.input.run & '/orders/' & $string($states.input.pass) & '/${lane}/' %}`,
      }),
      itemSelector: {
        ...versioned,
        run: '{% $states.input.run %}',
        pass: '{% $states.input.pass %}',
        order: "{% $substringBefore($split($states.context.Map.Item.Value.Key, '/')[-1], '.jsonl') %}",
        calls: 0,
      },
      resultWriterV2: new ResultWriterV2({
        bucket: work,
        prefix: `{% '${runsFolder}' & $states.input.run & '/maps' %}`,
      }),
      outputs: '{% {} %}',
    }).itemProcessor(child);
    this.start = Choice.jsonata(this, `Any ${lane}?`)
      .when(Condition.jsonata(`{% $${lane} > 0 %}`), map, { outputs: mapInput })
      .otherwise(Pass.jsonata(this, `No ${lane}`, { outputs: '{% {} %}' }));
  }
}
