import { PrepareInput } from '../../core/model/task-inputs.ts';
import { allowedVariables, limitVariables, readEnvironment } from '../../core/run/environment.ts';
import { defineTask } from '../../core/run/task.ts';
import { readAccountLimit } from './account-limit.ts';
import { prepare } from './prepare.ts';

const local = readEnvironment({ ...allowedVariables, ...limitVariables });

const functionsAtOnce = async (): Promise<number | undefined> => {
  if (local.FUNCTIONS_AT_ONCE === undefined) return readAccountLimit();
  return local.FUNCTIONS_AT_ONCE === 'any' ? undefined : local.FUNCTIONS_AT_ONCE;
};

/** Checks the copy request, finds the buckets, and records the run. */
export const handler = defineTask(PrepareInput, ({ allowed: deployed, ...input }, workBucket, invocation) => {
  const allowed = {
    ...deployed,
    source: local.SOURCE_BUCKETS ?? deployed.source,
    destination: local.DESTINATION_BUCKETS ?? deployed.destination,
    roles: local.ROLES ?? deployed.roles,
    keys: local.KEYS ?? deployed.keys,
  };
  return prepare(input, { workBucket, functionsAtOnce, allowed }, invocation);
});
