import { randomBytes, randomUUID } from 'node:crypto';
import { abortable } from '../clock.ts';
import type { TaskState } from '../definition/schema.ts';
import { StateError } from '../errors.ts';
import { type Json, type JsonObject, utf8Bytes } from '../json.ts';
import type { InvokeResponse } from '../lambda/invocation.ts';
import { evaluateNumber } from './evaluate-field.ts';
import type { Frame } from './frame.ts';
import { serializePayload } from './payload.ts';

/** Reason for ending a timer that is no longer needed. A string is cheaper than the error that `abort()` creates. */
const inTime = 'in time';

const lambdaInvoke = { resourceType: 'lambda', resource: 'invoke' } as const;

/**
 * Invokes the function of a Task, once.
 *
 * A task that takes longer than its TimeoutSeconds fails with `States.Timeout`. Its function continues, because Step
 * Functions cannot stop it.
 *
 * @returns the result of `arn:aws:states:::lambda:invoke`, whose `Payload` is the result of the function
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html (read 2026-11-22)
 */
export async function attemptTask(frame: Frame, state: TaskState, retryCount: number): Promise<Json> {
  const { machine } = frame.run;
  const bindings = frame.bindings({}, { retryCount });
  const parameters = (await machine.expressions.evaluate(
    state.Arguments,
    bindings,
    'Arguments',
  )) as JsonObject;
  const timeout = await evaluateNumber(frame, state.TimeoutSeconds, bindings, 'TimeoutSeconds');
  frame.signal.throwIfAborted();
  frame.record('TaskScheduled', {
    ...lambdaInvoke,
    region: machine.address.region,
    parameters: serializePayload(frame, parameters, 'arguments'),
    ...(timeout !== undefined && { timeoutInSeconds: timeout }),
  });
  frame.record('TaskStarted', lambdaInvoke);
  const { FunctionName, Payload = {} } = parameters;
  let started = Promise.resolve();
  const queued = (until: Promise<void>) => {
    started = until;
  };
  const call = machine.invoke({ functionName: String(FunctionName), payload: Payload, queued });
  const response = await withinTimeout(frame, call, { seconds: timeout, started });
  return taskResult(frame, response);
}

/** Waits for the call, the time-out or an abort, whichever is first. */
async function withinTimeout(
  frame: Frame,
  call: Promise<InvokeResponse>,
  { seconds, started }: { seconds: number | undefined; started: Promise<void> },
): Promise<InvokeResponse> {
  if (seconds === undefined) return await abortable(call, frame.signal);
  const timer = new AbortController();
  const timedOut = started
    .then(() => frame.run.machine.clock.sleep(seconds * 1_000, timer.signal))
    .then(
      () => 'timed out' as const,
      () => 'canceled' as const,
    );
  try {
    const first = await abortable(Promise.race([call, timedOut]), frame.signal);
    if (typeof first === 'object') return first;
  } finally {
    timer.abort(inTime);
  }
  frame.record('TaskTimedOut', { ...lambdaInvoke, error: 'States.Timeout' });
  throw new StateError('States.Timeout');
}

function taskResult(frame: Frame, response: InvokeResponse): Json {
  if (response.kind === 'functionError') {
    return failTask(frame, response.functionError.errorType, JSON.stringify(response.functionError));
  }
  if (response.kind === 'serviceError') return failTask(frame, response.error, response.cause);
  const { payload, requestId = randomUUID() } = response;
  const result = invocationResult(payload, requestId, frame.run.machine.clock.now());
  const output = checkedText(frame, result);
  frame.record('TaskSucceeded', { ...lambdaInvoke, output, outputDetails: { truncated: false } });
  return result;
}

function checkedText(frame: Frame, result: Json): string {
  try {
    return serializePayload(frame, result, 'result');
  } catch (error) {
    if (error instanceof StateError) return failTask(frame, error.error, error.cause ?? '');
    throw error;
  }
}

function failTask(frame: Frame, error: string, cause: string): never {
  frame.record('TaskFailed', { ...lambdaInvoke, error, cause });
  throw new StateError(error, cause);
}

/**
 * Lambda's response as Step Functions returns it: with its HTTP metadata, which counts toward the 256 KiB.
 *
 * The headers are those of recorded outputs, which contain each of them twice.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html (read 2026-11-22)
 */
function invocationResult(payload: Json, requestId: string, now: number): Json {
  const headers = {
    Connection: 'keep-alive',
    'Content-Length': String(utf8Bytes(JSON.stringify(payload))),
    'Content-Type': 'application/json',
    Date: new Date(now).toUTCString(),
    'X-Amz-Executed-Version': '$LATEST',
    'x-amzn-Remapped-Content-Length': '0',
    'x-amzn-RequestId': requestId,
    'X-Amzn-Trace-Id': traceId(now),
  };
  return {
    ExecutedVersion: '$LATEST',
    Payload: payload,
    SdkHttpMetadata: {
      AllHttpHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
      HttpHeaders: headers,
      HttpStatusCode: 200,
    },
    SdkResponseMetadata: { RequestId: requestId },
    StatusCode: 200,
  };
}

/**
 * Creates a trace id in the longest form that Lambda uses, with a parent and a lineage.
 *
 * @see https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader (read 2026-11-22)
 */
function traceId(now: number): string {
  const seconds = Math.trunc(now / 1_000)
    .toString(16)
    .padStart(8, '0');
  const hex = (bytes: number) => randomBytes(bytes).toString('hex');
  return `Root=1-${seconds}-${hex(12)};Parent=${hex(8)};Sampled=0;Lineage=1:${hex(4)}:0`;
}
