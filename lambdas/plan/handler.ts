import { PlanInput } from '../core/tasks.ts';
import { ObjectStores } from '../s3/clients.ts';
import { commonSettings, readSettings } from '../shared/settings.ts';
import { task } from '../shared/task.ts';
import { plan } from './plan.ts';

const settings = readSettings(commonSettings);
const place = { stores: new ObjectStores(), region: settings.AWS_REGION, bucket: settings.WORK_BUCKET };

/** Step Functions task: lists, compares and writes the orders of the first pass. */
export const handler = task(PlanInput, settings.DEADLINE_MARGIN_MILLIS, (input, invocation) =>
  plan(input, { place, ...invocation }),
);
