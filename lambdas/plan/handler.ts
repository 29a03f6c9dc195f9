import { PlanInput } from '../../core/model/task-inputs.ts';
import { commonVariables, readEnvironment } from '../../core/run/environment.ts';
import { task } from '../../core/run/task.ts';
import { ObjectStores } from '../../core/s3/clients.ts';
import { plan } from './plan.ts';

const settings = readEnvironment(commonVariables);
const place = { stores: new ObjectStores(), region: settings.AWS_REGION, bucket: settings.WORK_BUCKET };

/** Step Functions task: lists, compares and writes the batches of the first pass. */
export const handler = task(PlanInput, settings.DEADLINE_MARGIN_MILLIS, (input, invocation) =>
  plan(input, { place, ...invocation }),
);
