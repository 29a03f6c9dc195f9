import { ReconcileInput } from '../core/tasks.ts';
import { ObjectStores } from '../s3/clients.ts';
import { commonSettings, readSettings } from '../shared/settings.ts';
import { task } from '../shared/task.ts';
import { reconcile } from './reconcile.ts';

const settings = readSettings(commonSettings);
const place = { stores: new ObjectStores(), region: settings.AWS_REGION, bucket: settings.WORK_BUCKET };

/** Step Functions task: compares the orders of a pass with its results, and orders the next one. */
export const handler = task(ReconcileInput, settings.DEADLINE_MARGIN_MILLIS, (input, invocation) =>
  reconcile(input, place, invocation),
);
