import { PrepareInput } from '../core/tasks.ts';
import { ObjectStores } from '../s3/clients.ts';
import { bucketSettings, commonSettings, listSettings, readSettings } from '../shared/settings.ts';
import { task } from '../shared/task.ts';
import { prepare } from './prepare.ts';

const settings = readSettings({ ...commonSettings, ...bucketSettings, ...listSettings });
const place = { stores: new ObjectStores(), region: settings.AWS_REGION, bucket: settings.WORK_BUCKET };
const allowed = {
  source: settings.SOURCE_BUCKETS,
  destination: settings.DESTINATION_BUCKETS,
  lists: settings.LISTS,
  roles: settings.ROLES,
};

/** Step Functions task: parses the request, finds the buckets and records the run. */
export const handler = task(PrepareInput, settings.DEADLINE_MARGIN_MILLIS, (input) =>
  prepare(input, { place, allowed }),
);
