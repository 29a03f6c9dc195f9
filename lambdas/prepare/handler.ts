import { PrepareInput } from '../core/tasks.ts';
import { ObjectStores } from '../s3/clients.ts';
import { allowedSettings, commonSettings, readSettings } from '../shared/settings.ts';
import { task } from '../shared/task.ts';
import { prepare } from './prepare.ts';

const settings = readSettings({ ...commonSettings, ...allowedSettings });
const place = { stores: new ObjectStores(), region: settings.AWS_REGION, bucket: settings.WORK_BUCKET };

/** Step Functions task: parses the request, finds the buckets and records the run. */
export const handler = task(
  PrepareInput,
  settings.DEADLINE_MARGIN_MILLIS,
  ({ allowed, ...input }, invocation) =>
    prepare(
      input,
      {
        place,
        allowed: {
          source: settings.SOURCE_BUCKETS ?? allowed.source,
          destination: settings.DESTINATION_BUCKETS ?? allowed.destination,
          lists: allowed.lists,
          roles: settings.ROLES ?? allowed.roles,
        },
      },
      invocation,
    ),
);
