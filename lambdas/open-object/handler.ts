import { BatchInput } from '../../core/model/task-inputs.ts';
import { commonVariables, readEnvironment } from '../../core/run/environment.ts';
import { task } from '../../core/run/task.ts';
import { ObjectStores } from '../../core/s3/clients.ts';
import { openObject } from './open-object.ts';

const settings = readEnvironment(commonVariables);
const place = { stores: new ObjectStores(), region: settings.AWS_REGION, bucket: settings.WORK_BUCKET };

/** Step Functions task: opens the copy of one large object. */
export const handler = task(BatchInput, settings.DEADLINE_MARGIN_MILLIS, (input, invocation) =>
  openObject(input, place, invocation),
);
