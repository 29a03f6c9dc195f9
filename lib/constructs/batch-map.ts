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
import type { MapName } from '../../core/model/batches.ts';
import { versioned } from '../payloads.ts';
import { runsFolder } from './work-bucket.ts';

export interface BatchMapProps {
  /** Name of the map: the variable with the number of its batches, and their folder. */
  readonly map: MapName;
  /** Label of the map run, at most 40 characters: part of its children's ARNs. */
  readonly label: string;
  readonly work: IBucket;
  /** The workflow of one batch, on input `{v, run, pass, batch, calls: 0}`. */
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
 * One of the two maps of a pass: a child workflow for each batch file of the map, or nothing when the pass
 * has no batch for it.
 *
 * Children may fail, all of them: what they did is in the results they wrote, and Reconcile batches again what
 * has none. Children know nothing of the parent but what the item selector gives them. Their own results go to
 * the work bucket only to keep them out of the state.
 */
export class BatchMap extends Construct {
  readonly start: IChainable;

  constructor(scope: Construct, id: string, { map, label, work, child }: BatchMapProps) {
    super(scope, id);
    const distributedMap = DistributedMap.jsonata(this, `Each batch of ${map}`, {
      label,
      mapExecutionType: StateMachineType.STANDARD,
      jsonataMaxConcurrency: '{% $states.input.workers %}',
      toleratedFailurePercentage: 100,
      itemReader: new S3ObjectsItemReader({
        bucket: work,
        prefix: `{% '${runsFolder}' & $states.input.run & '/batches/' & $string($states.input.pass) & '/${map}/' %}`,
      }),
      itemSelector: {
        ...versioned,
        run: '{% $states.input.run %}',
        pass: '{% $states.input.pass %}',
        batch: "{% $substringBefore($split($states.context.Map.Item.Value.Key, '/')[-1], '.jsonl') %}",
        calls: 0,
      },
      resultWriterV2: new ResultWriterV2({
        bucket: work,
        prefix: `{% '${runsFolder}' & $states.input.run & '/maps' %}`,
      }),
      outputs: '{% {} %}',
    }).itemProcessor(child);
    this.start = Choice.jsonata(this, `Any ${map}?`)
      .when(Condition.jsonata(`{% $${map} > 0 %}`), distributedMap, { outputs: mapInput })
      .otherwise(Pass.jsonata(this, `No ${map}`, { outputs: '{% {} %}' }));
  }
}
