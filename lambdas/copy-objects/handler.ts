import { OrderInput } from '../../core/model/task-inputs.ts';
import { commonSettings, readSettings } from '../../core/run/environment.ts';
import { task } from '../../core/run/task.ts';
import { ObjectStores } from '../../core/s3/clients.ts';
import { copyObjects } from './copy-objects.ts';

const settings = readSettings(commonSettings);
const place = { stores: new ObjectStores(), region: settings.AWS_REGION, bucket: settings.WORK_BUCKET };

/** Step Functions task: copies the objects of one order. */
export const handler = task(OrderInput, settings.DEADLINE_MARGIN_MILLIS, (input, invocation) =>
  copyObjects(input, place, invocation),
);
