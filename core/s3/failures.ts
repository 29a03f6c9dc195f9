import { CopyError } from '../model/errors.ts';

/** A request that S3 refused, or that got no answer. */
export class S3Error extends Error {
  override readonly name = 'S3Error';
  /** Of S3, such as `CopyObject`. */
  readonly operation: string;
  /** Bucket and key. */
  readonly what: string;
  /** Error code of S3, or the name of the network's error. */
  readonly code: string;
  /** HTTP status; 0 when there was no answer. */
  readonly status: number;
  /** Worth repeating: throttled, a fault of the service or of the network. */
  readonly passing: boolean;
  /** Region that S3 names in its answer, also in a refusal. */
  readonly region: string | undefined;

  constructor(
    operation: string,
    what: string,
    facts: Pick<S3Error, 'code' | 'status' | 'region'>,
    cause: unknown,
  ) {
    const words = cause instanceof Error ? cause.message : String(cause);
    const isSaid = words === facts.code || isNameless.test(words);
    super(`${operation} of ${what}: ${facts.code}${isSaid ? '' : ` (${words})`}`, { cause });
    this.operation = operation;
    this.what = what;
    this.code = facts.code;
    this.status = facts.status;
    this.region = facts.region;
    this.passing = isPassing(facts.code, facts.status);
  }
}

/** The same error with a message that says what to do. */
export const withMessage = (failure: S3Error, words: string): S3Error =>
  new S3Error(failure.operation, failure.what, failure, new Error(words, { cause: failure }));

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html (read 2026-11-22) */
const passingCodes = new Set([
  'SlowDown',
  'InternalError',
  'ServiceUnavailable',
  'RequestTimeout',
  'RequestTimeTooSkewed',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
  'OperationAborted',
  'Busy',
  '503 SlowDown',
]);

/** Whether an error with this code, one entry of an answer with many, is temporary. */
export const isPassingCode = (code: string): boolean => passingCodes.has(code);

/** 501 says that a server will never do it. */
const isPassing = (code: string, status: number): boolean =>
  status !== 501 && (status === 0 || status === 429 || status >= 500 || passingCodes.has(code));

/** Whether S3 asks for fewer requests. */
export const isThrottle = (error: unknown): boolean =>
  error instanceof S3Error && (error.code === 'SlowDown' || error.status === 503 || error.status === 429);

/** Whether the error is S3's refusal with one of these statuses. */
export const hasStatus = (error: unknown, ...wanted: readonly number[]): boolean =>
  error instanceof S3Error && wanted.includes(error.status);

/** Whether the error is S3's refusal with this code. */
export const hasCode = (error: unknown, ...wanted: readonly string[]): boolean =>
  error instanceof S3Error && wanted.includes(error.code);

/** Whether an error is already one of s3copy's own, with its final message. */
export const isExplained = (error: unknown): error is S3Error | CopyError =>
  error instanceof S3Error || error instanceof CopyError;

interface SdkError extends Error {
  /** Of the network. */
  readonly code?: string;
  readonly Code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $response?: { readonly statusCode?: number; readonly headers?: Readonly<Record<string, string>> };
}

/**
 * Turns an error of the SDK into an `S3Error`.
 *
 * @param what bucket and key, for the message
 */
export function toFailure(operation: string, what: string, error: unknown): S3Error {
  const sdk = error as SdkError;
  const headers = sdk.$response?.headers;
  // An answer that broke off says nothing: a refusal without its words may be any of those with its status.
  if (sdk.code === 'ECONNRESET')
    return new S3Error(operation, what, { code: sdk.code, status: 0, region: undefined }, error);
  const status = sdk.$metadata?.httpStatusCode ?? sdk.$response?.statusCode ?? 0;
  // A 200 with an error inside: what the body says counts, and the SDK has found it.
  const facts = {
    status: status === 200 || status >= 500 ? statusInside(codeOf(sdk, status), status) : status,
    region: headers?.['x-amz-bucket-region'],
  };
  return new S3Error(operation, what, { code: codeOf(sdk, status), ...facts }, error);
}

/**
 * Refusals that S3 may write into an answer whose status it has sent already; the SDK makes a 5xx of them.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html (read 2026-11-22)
 */
const refusals: Readonly<Record<string, number>> = {
  BadDigest: 400,
  InvalidPart: 400,
  InvalidRequest: 400,
  AccessDenied: 403,
  NoSuchUpload: 404,
  ConditionalRequestConflict: 409,
  PreconditionFailed: 412,
};

const statusInside = (code: string, status: number): number =>
  refusals[code] ?? (passingCodes.has(code) ? 503 : Math.max(status, 500));

/** HEAD has no body, so that the SDK knows a refusal by its status only. */
const codeByStatus: Readonly<Record<number, string>> = {
  301: 'PermanentRedirect',
  400: 'BadRequest',
  403: 'AccessDenied',
  404: 'NotFound',
  409: 'ConditionalRequestConflict',
  412: 'PreconditionFailed',
  500: 'InternalError',
  503: 'SlowDown',
};

/** What the SDK calls an error whose response has no body that names it. */
const isNameless = /^(?:Unknown|UnknownError|Error|\d+)$/;

const codeOf = (error: SdkError, status: number): string => {
  const named = error.Code ?? error.name;
  if (named !== undefined && !isNameless.test(named)) return named;
  return codeByStatus[status] ?? (status === 0 ? (named ?? 'Unknown') : `HTTP ${status}`);
};

/** Sends a request and turns its error into an `S3Error`. */
export async function callS3<T>(operation: string, what: string, send: () => Promise<T>): Promise<T> {
  try {
    return await send();
  } catch (error) {
    throw isExplained(error) ? error : toFailure(operation, what, error);
  }
}
