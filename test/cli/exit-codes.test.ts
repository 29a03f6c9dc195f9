import { describe, expect, it } from 'vitest';
import { exitCodeOf } from '../../cli/exit-codes.ts';

describe('exitCodeOf', () => {
  it.each([
    { status: 'SUCCEEDED', error: undefined, code: 0 },
    { status: 'FAILED', error: 'ObjectsFailedError', code: 1 },
    { status: 'FAILED', error: 'DeleteGuardError', code: 1 },
    { status: 'FAILED', error: 'InvalidRequestError', code: 2 },
    { status: 'FAILED', error: 'BucketNotFoundError', code: 2 },
    { status: 'FAILED', error: 'PermissionError', code: 2 },
    { status: 'FAILED', error: 'PlanTooBigError', code: 2 },
    { status: 'FAILED', error: 'RunFileError', code: 3 },
    { status: 'FAILED', error: 'StorageError', code: 3 },
    { status: 'FAILED', error: 'States.Runtime', code: 3 },
    { status: 'FAILED', error: undefined, code: 3 },
    { status: 'TIMED_OUT', error: undefined, code: 3 },
    { status: 'ABORTED', error: undefined, code: 3 },
  ])('$status $error is $code', ({ status, error, code }) => {
    expect(exitCodeOf(status, error)).toBe(code);
  });
});
