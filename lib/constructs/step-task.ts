import { Duration } from 'aws-cdk-lib';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { TaskInput, Timeout } from 'aws-cdk-lib/aws-stepfunctions';
import { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';
import { whenBroken, whenThrottled } from '../retries.ts';

/**
 * How much longer a task waits than the timeout of its function, so that the function ends first, with its own error.
 * The timeout of the task is for calls that Lambda loses.
 */
const beyondFunction = Duration.seconds(60);

export interface StepTaskProps {
  readonly lambdaFunction: LambdaFunction;
  /** JSONata expressions or constants by field. */
  readonly payload: Readonly<Record<string, unknown>>;
  /** JSONata of the state's output; left out, it is what the function returned. */
  readonly outputs?: string;
  /** How often a call that Lambda throttles is made again, where the history has room for more than usual. */
  readonly throttleRetries?: number;
  /** Variables that the state sets, as JSONata expressions. */
  readonly assign?: Readonly<Record<string, string>>;
}

/**
 * A state that calls one function of the pipeline. Every task is idempotent, so all of them retry what may
 * pass; errors that will not pass, such as those of a wrong request or a run with failures, end the state.
 */
export function stepTask(scope: Construct, id: string, props: StepTaskProps): LambdaInvoke {
  const {
    lambdaFunction,
    payload,
    outputs = '{% $states.result.Payload %}',
    assign,
    throttleRetries,
  } = props;
  const task = LambdaInvoke.jsonata(scope, id, {
    lambdaFunction,
    payload: TaskInput.fromObject(payload),
    outputs,
    assign: assign && { ...assign },
    taskTimeout: Timeout.duration((lambdaFunction.timeout ?? Duration.seconds(3)).plus(beyondFunction)),
    retryOnServiceExceptions: false,
  });
  task.addRetry(whenThrottled(throttleRetries));
  task.addRetry(whenBroken);
  return task;
}
