import { DeleteInput } from '../core/tasks.ts';
import { ObjectStores } from '../s3/clients.ts';
import { commonSettings, readSettings } from '../shared/settings.ts';
import { task } from '../shared/task.ts';
import { deleteObjects } from './delete-objects.ts';

const settings = readSettings(commonSettings);
const place = { stores: new ObjectStores(), region: settings.AWS_REGION, bucket: settings.WORK_BUCKET };

/** Step Functions task: deletes at the destination what the source lacks, if nothing speaks against it. */
export const handler = task(DeleteInput, settings.DEADLINE_MARGIN_MILLIS, (input, invocation) =>
  deleteObjects(input, place, invocation),
);
