import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy, { type MiddlewareObj } from '@middy/core';
import type { Context } from 'aws-lambda';
import type * as z from 'zod';
import { adviceFor } from '../access/advice.ts';
import { CopyError } from '../model/errors.ts';
import { Deadline } from '../rules/deadline.ts';
import { hasCode, S3Error } from '../s3/failures.ts';
import { logger } from './log.ts';
import { parseInput } from './parse-input.ts';

/** What an invocation knows of itself. */
export interface Invocation {
  readonly requestId: string;
  readonly deadline: Deadline;
}

/** Names a failure of S3 that ended a whole task, so that the state machine can tell what to repeat. */
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
 * The chain of every handler: logs with the invocation's id, parses the input, names failures. Lambda alone ends an
 * invocation that runs out of time: by default middy rejects it 5 ms earlier, while its work goes on, under a name of
 * its own.
 *
 * @param marginMillis kept free before Lambda ends the invocation
 */
export const task = <Input, Output>(
  schema: z.ZodType<Input>,
  marginMillis: number,
  work: (input: Input, invocation: Invocation) => Promise<Output>,
) =>
  middy<unknown, Output>({ timeoutEarlyInMillis: 0 })
    .use(injectLambdaContext(logger, { resetKeys: true }))
    .use(nameFailures())
    .use(parseInput(schema))
    .handler((input, context: Context) =>
      work(input as Input, {
        requestId: context.awsRequestId,
        deadline: new Deadline(context.getRemainingTimeInMillis(), marginMillis),
      }),
    );
