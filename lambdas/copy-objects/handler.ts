import { OrderInput } from '../core/tasks.ts';
import { ObjectStores } from '../s3/clients.ts';
import { commonSettings, readSettings } from '../shared/settings.ts';
import { task } from '../shared/task.ts';
import { copyObjects } from './copy-objects.ts';

const settings = readSettings(commonSettings);
const place = { stores: new ObjectStores(), region: settings.AWS_REGION, bucket: settings.WORK_BUCKET };

/** Step Functions task: copies the objects of one order. */
export const handler = task(OrderInput, settings.DEADLINE_MARGIN_MILLIS, (input, invocation) =>
  copyObjects(input, place, invocation),
);
