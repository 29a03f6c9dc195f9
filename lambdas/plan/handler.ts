import { PlanInput } from '../../core/model/task-inputs.ts';
import { defineTask } from '../../core/run/task.ts';
import { plan } from './plan.ts';

/** Lists both ends, compares them, and writes the batches of the first pass. */
export const handler = defineTask(PlanInput, (input, workBucket, invocation) =>
  plan(input, { workBucket, ...invocation }),
);
