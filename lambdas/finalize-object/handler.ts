import { OrderInput } from '../../core/model/task-inputs.ts';
import { commonSettings, readSettings } from '../../core/run/environment.ts';
import { task } from '../../core/run/task.ts';
import { ObjectStores } from '../../core/s3/clients.ts';
import { finalizeObject } from './finalize-object.ts';

const settings = readSettings(commonSettings);
const place = { stores: new ObjectStores(), region: settings.AWS_REGION, bucket: settings.WORK_BUCKET };

/** Step Functions task: makes one big object of its part files. */
export const handler = task(OrderInput, settings.DEADLINE_MARGIN_MILLIS, (input, invocation) =>
  finalizeObject(input, place, invocation),
);
