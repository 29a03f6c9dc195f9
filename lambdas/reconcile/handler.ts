import { ReconcileInput } from '../../core/model/task-inputs.ts';
import { commonSettings, readSettings } from '../../core/run/environment.ts';
import { task } from '../../core/run/task.ts';
import { ObjectStores } from '../../core/s3/clients.ts';
import { reconcile } from './reconcile.ts';

const settings = readSettings(commonSettings);
const place = { stores: new ObjectStores(), region: settings.AWS_REGION, bucket: settings.WORK_BUCKET };

/** Step Functions task: compares the orders of a pass with its results, and orders the next one. */
export const handler = task(ReconcileInput, settings.DEADLINE_MARGIN_MILLIS, (input, invocation) =>
  reconcile(input, place, invocation),
);
