import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import { PlanInput, type PlanOutput } from '../core/tasks.ts';
import { ObjectStores } from '../s3/clients.ts';
import { Deadline } from '../shared/deadline.ts';
import { logger } from '../shared/log.ts';
import { parseInput } from '../shared/parse-input.ts';
import { commonSettings, readSettings } from '../shared/settings.ts';
import { plan } from './plan.ts';

const settings = readSettings(commonSettings);
const place = { stores: new ObjectStores(), region: settings.AWS_REGION, bucket: settings.WORK_BUCKET };

/** Step Functions task: lists, compares and writes the orders of the first pass. */
export const handler = middy<unknown, PlanOutput>()
  .use(injectLambdaContext(logger, { resetKeys: true }))
  .use(parseInput(PlanInput))
  .handler((input, context) =>
    plan(input as PlanInput, {
      place,
      deadline: new Deadline(context.getRemainingTimeInMillis(), settings.DEADLINE_MARGIN_MILLIS),
      requestId: context.awsRequestId,
    }),
  );
