import { ReconcileInput } from '../../core/model/task-inputs.ts';
import { commonVariables, readEnvironment } from '../../core/run/environment.ts';
import { task } from '../../core/run/task.ts';
import { ObjectStores } from '../../core/s3/clients.ts';
import { reconcile } from './reconcile.ts';

const settings = readEnvironment(commonVariables);
const place = { stores: new ObjectStores(), region: settings.AWS_REGION, bucket: settings.WORK_BUCKET };

/** Step Functions task: compares the batches of a pass with its results, and batches the next one. */
export const handler = task(ReconcileInput, settings.DEADLINE_MARGIN_MILLIS, (input, invocation) =>
  reconcile(input, place, invocation),
);
