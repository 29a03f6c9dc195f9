import { describe, expect, it } from 'vitest';
import { toFailure } from '../../../core/s3/failures.ts';

/** What the SDK throws for a response to HEAD, which has no body. */
const withoutBody = (httpStatusCode: number, name = 'Unknown') =>
  Object.assign(new Error('UnknownError'), { name, $metadata: { httpStatusCode } });

describe('an error response without a body', () => {
  it.each([
    { status: 400, code: 'BadRequest', passing: false },
    { status: 403, code: 'AccessDenied', passing: false },
    { status: 404, code: 'NotFound', passing: false },
    { status: 412, code: 'PreconditionFailed', passing: false },
    { status: 500, code: 'InternalError', passing: true },
    { status: 502, code: 'HTTP 502', passing: true },
    { status: 503, code: 'SlowDown', passing: true },
    { status: 418, code: 'HTTP 418', passing: false },
  ])('of status $status is reported as $code', ({ status, code, passing }) => {
    const failure = toFailure('HeadObject', 'bucket/key', withoutBody(status));

    expect(failure).toMatchObject({ code, passing });
    expect(failure.message).toBe(`HeadObject of bucket/key: ${code}`);
  });

  it('keeps the name of an error of the network', () => {
    const error = Object.assign(new Error('connect ECONNREFUSED'), { name: 'ConnectionError' });

    expect(toFailure('HeadObject', 'bucket/key', error)).toMatchObject({
      code: 'ConnectionError',
      passing: true,
      message: 'HeadObject of bucket/key: ConnectionError (connect ECONNREFUSED)',
    });
  });
});
