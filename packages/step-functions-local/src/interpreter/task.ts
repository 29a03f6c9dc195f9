import { randomBytes, randomUUID } from 'node:crypto';
import { abortable } from '../clock.ts';
import type { TaskState } from '../definition/schema.ts';
import { StateError } from '../errors.ts';
import { type Json, type JsonObject, utf8Bytes } from '../json.ts';
import type { InvokeResponse } from '../lambda/invocation.ts';
import type { Frame } from './frame.ts';
import { payloadText } from './payload.ts';
import { evaluateNumber } from './settings.ts';

/** Ends a timer that is no longer needed; a reason of its own spares making an exception each time. */
const IN_TIME = 'in time';

const RESOURCE = { resourceType: 'lambda', resource: 'invoke' } as const;

/**
 * Invokes the function of a Task, once.
 *
 * A task that takes longer than its TimeoutSeconds fails with `States.Timeout`, but its function runs on:
 * Step Functions cannot stop a Lambda.
 *
 * @returns what `arn:aws:states:::lambda:invoke` returns, of which `Payload` is the function's result
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
    ...RESOURCE,
    region: machine.address.region,
    parameters: payloadText(frame, parameters, 'arguments'),
    ...(timeout !== undefined && { timeoutInSeconds: timeout }),
  });
  frame.record('TaskStarted', RESOURCE);
  const { FunctionName, Payload = {} } = parameters;
  let started = Promise.resolve();
  const queued = (until: Promise<void>) => {
    started = until;
  };
  const call = machine.invoke({ functionName: String(FunctionName), payload: Payload, queued });
  const response = await withinTimeout(frame, call, { seconds: timeout, started });
  return taskResult(frame, response);
}

/** Waits for the call, the time-out or an abort, whichever comes first. */
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
      () => 'cancelled' as const,
    );
  try {
    const first = await abortable(Promise.race([call, timedOut]), frame.signal);
    if (typeof first === 'object') return first;
  } finally {
    timer.abort(IN_TIME);
  }
  frame.record('TaskTimedOut', { ...RESOURCE, error: 'States.Timeout' });
  throw new StateError('States.Timeout');
}

function taskResult(frame: Frame, response: InvokeResponse): Json {
  if ('functionError' in response) {
    return failed(frame, response.functionError.errorType, JSON.stringify(response.functionError));
  }
  if ('serviceError' in response)
    return failed(frame, response.serviceError.error, response.serviceError.cause);
  const { payload, requestId = randomUUID() } = response;
  const result = invocationResult(payload, requestId, frame.run.machine.clock.now());
  const output = checkedText(frame, result);
  frame.record('TaskSucceeded', { ...RESOURCE, output, outputDetails: { truncated: false } });
  return result;
}

function checkedText(frame: Frame, result: Json): string {
  try {
    return payloadText(frame, result, 'result');
  } catch (error) {
    if (error instanceof StateError) return failed(frame, error.error, error.cause ?? '');
    throw error;
  }
}

function failed(frame: Frame, error: string, cause: string): never {
  frame.record('TaskFailed', { ...RESOURCE, error, cause });
  throw new StateError(error, cause);
}

/**
 * Lambda's answer as Step Functions shows it: with its HTTP metadata, which counts towards the 256 KiB.
 *
 * The headers are those of recorded outputs, which show every one of them twice.
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
 * The trace of an invocation in the longest form that Lambda gives it, with a parent and a lineage.
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
