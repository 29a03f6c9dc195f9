import { DeleteInput } from '../../core/model/task-inputs.ts';
import { commonVariables, readEnvironment } from '../../core/run/environment.ts';
import { task } from '../../core/run/task.ts';
import { ObjectStores } from '../../core/s3/clients.ts';
import { deleteObjects } from './delete-objects.ts';

const settings = readEnvironment(commonVariables);
const place = { stores: new ObjectStores(), region: settings.AWS_REGION, bucket: settings.WORK_BUCKET };

/** Step Functions task: deletes at the destination what the source lacks, if nothing speaks against it. */
export const handler = task(DeleteInput, settings.DEADLINE_MARGIN_MILLIS, (input, invocation) =>
  deleteObjects(input, place, invocation),
);
