import { PrepareInput } from '../../core/model/task-inputs.ts';
import {
  allowedVariables,
  commonVariables,
  limitVariables,
  readEnvironment,
} from '../../core/run/environment.ts';
import { task } from '../../core/run/task.ts';
import { ObjectStores } from '../../core/s3/clients.ts';
import { readAccountLimit } from './account-limit.ts';
import { prepare } from './prepare.ts';

const settings = readEnvironment({ ...commonVariables, ...allowedVariables, ...limitVariables });
const place = { stores: new ObjectStores(), region: settings.AWS_REGION, bucket: settings.WORK_BUCKET };

const functionsAtOnce = async (): Promise<number | undefined> => {
  const { FUNCTIONS_AT_ONCE: here } = settings;
  if (here === undefined) return readAccountLimit();
  return here === 'any' ? undefined : here;
};

/** Step Functions task: parses the request, finds the buckets and records the run. */
export const handler = task(
  PrepareInput,
  settings.DEADLINE_MARGIN_MILLIS,
  ({ allowed, ...input }, invocation) =>
    prepare(
      input,
      {
        place,
        functionsAtOnce,
        allowed: {
          source: settings.SOURCE_BUCKETS ?? allowed.source,
          destination: settings.DESTINATION_BUCKETS ?? allowed.destination,
          lists: allowed.lists,
          roles: settings.ROLES ?? allowed.roles,
          keys: settings.KEYS ?? allowed.keys,
          temp: allowed.temp,
          switches: allowed.switches,
        },
      },
      invocation,
    ),
);
