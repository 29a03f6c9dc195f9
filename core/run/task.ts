import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy, { type MiddlewareObj } from '@middy/core';
import type { Context } from 'aws-lambda';
import type * as z from 'zod';
import { adviceFor } from '../access/advice.ts';
import { CopyError } from '../model/errors.ts';
import { Deadline } from '../rules/deadline.ts';
import { ObjectStores } from '../s3/clients.ts';
import { hasCode, S3Error } from '../s3/failures.ts';
import { commonVariables, readEnvironment } from './environment.ts';
import { logger } from './log.ts';
import type { WorkBucket } from './open-run.ts';
import { parseInput } from './parse-input.ts';

/** What an invocation knows of itself. */
export interface Invocation {
  readonly requestId: string;
  readonly deadline: Deadline;
}

/** Names an error of S3 that ended a whole task, so that the state machine can match it for a retry. */
const nameFailures = (): MiddlewareObj => ({
  onError: (request) => {
    const { error } = request;
    if (error instanceof S3Error) request.error = nameFailure(error);
    logger.error('task-failed', request.error as Error);
  },
});

function nameFailure(error: S3Error): CopyError {
  const options = { cause: error };
  if (hasCode(error, 'NoSuchBucket')) return new CopyError('BucketNotFoundError', error.message, {}, options);
  if (error.status === 403) {
    return new CopyError('PermissionError', error.message + adviceFor(error), {}, options);
  }
  return new CopyError('StorageError', error.message, {}, options);
}

/**
 * Defines the handler of a Lambda function that is a task of the state machine. It reads the environment once, and for
 * each invocation logs with its id, parses the input and names failures.
 *
 * Middy's own time-out is off: it would reject an invocation 5 ms before Lambda ends it, under a name that no retry
 * of the state machine matches, while the work continues.
 *
 * @param schema of the input
 * @param work does the task; it stops before `invocation.deadline`
 * @throws {Error} when a variable of the environment is missing or wrong
 */
export function defineTask<Input, Output>(
  schema: z.ZodType<Input>,
  work: (input: Input, workBucket: WorkBucket, invocation: Invocation) => Promise<Output>,
) {
  const { AWS_REGION, WORK_BUCKET, DEADLINE_MARGIN_MILLIS } = readEnvironment(commonVariables);
  const workBucket = { stores: new ObjectStores(), region: AWS_REGION, name: WORK_BUCKET };
  return middy<unknown, Output>({ timeoutEarlyInMillis: 0 })
    .use(injectLambdaContext(logger, { resetKeys: true }))
    .use(nameFailures())
    .use(parseInput(schema))
    .handler((input, context: Context) =>
      work(input as Input, workBucket, {
        requestId: context.awsRequestId,
        deadline: new Deadline(context.getRemainingTimeInMillis(), DEADLINE_MARGIN_MILLIS),
      }),
    );
}
