import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import { PrepareInput, type PrepareOutput } from '../core/tasks.ts';
import { ObjectStores } from '../s3/clients.ts';
import { logger } from '../shared/log.ts';
import { parseInput } from '../shared/parse-input.ts';
import { bucketSettings, commonSettings, listSettings, readSettings } from '../shared/settings.ts';
import { prepare } from './prepare.ts';

const settings = readSettings({ ...commonSettings, ...bucketSettings, ...listSettings });
const place = { stores: new ObjectStores(), region: settings.AWS_REGION, bucket: settings.WORK_BUCKET };
const allowed = {
  source: settings.SOURCE_BUCKETS,
  destination: settings.DESTINATION_BUCKETS,
  lists: settings.LISTS,
};

/** Step Functions task: parses the request, finds the buckets and records the run. */
export const handler = middy<unknown, PrepareOutput>()
  .use(injectLambdaContext(logger, { resetKeys: true }))
  .use(parseInput(PrepareInput))
  .handler((input) => prepare(input as PrepareInput, { place, allowed }));
