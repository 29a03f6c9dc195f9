import { describe, expect, it } from 'vitest';
import { mayRedrive } from '../../cli/redrivable.ts';
import { anyReport } from './any-report.ts';

const of = (status: string, reason?: string) => ({
  status,
  ...(reason === undefined ? {} : { reason }),
  objects: 1,
  samples: [{ sourceKey: 'k' }],
});

describe('a redrive', () => {
  it.each([
    { left: [of('failed', 'AccessDenied')], may: true, why: 'the right may have been given' },
    { left: [of('archived')], may: true, why: 'it may have been restored' },
    { left: [of('missing')], may: true, why: 'it may have been uploaded' },
    { left: [of('refused', 'key-too-long')], may: false, why: 'no redrive can place a refused key' },
    { left: [of('failed', 'UnprovenError')], may: false, why: 'the request stays as it is' },
    { left: [of('refused', 'x'), of('changed')], may: true, why: 'the other one may be copied' },
  ])('is of use ($may) when $left.0 is left, since $why', ({ left, may }) => {
    const report = { ...anyReport, failures: left };
    expect(mayRedrive({ status: 'FAILED', error: 'ObjectsFailedError' }, report)).toBe(may);
  });

  it('is of use for what S3 refused to delete', () => {
    const report = { ...anyReport, failures: [], undeleted: 1 };
    expect(mayRedrive({ status: 'FAILED', error: 'ObjectsFailedError' }, report)).toBe(true);
  });

  it.each([
    { error: 'DeleteGuardError', may: false, why: 'the plan stays as it is' },
    { error: 'PlanTooBigError', may: false, why: 'the request stays as it is' },
    { error: 'InvalidRequestError', may: false, why: 'the request stays as it is' },
    { error: 'RunFileError', may: false, why: 'the files of the run are gone' },
    { error: 'PermissionError', may: true, why: 'the right may have been given' },
    { error: 'StorageError', may: true, why: 'it may have passed' },
    { error: 'States.Runtime', may: true, why: 'it may have passed' },
  ])('is of use ($may) after $error, since $why', ({ error, may }) => {
    expect(mayRedrive({ status: 'FAILED', error }, undefined)).toBe(may);
  });

  it('is of use after a run that was stopped, unless Step Functions refuses it', () => {
    expect(mayRedrive({ status: 'ABORTED' }, undefined)).toBe(true);
    expect(mayRedrive({ status: 'ABORTED', redriveStatus: 'NOT_REDRIVABLE' }, undefined)).toBe(false);
    expect(mayRedrive({ status: 'SUCCEEDED' }, anyReport)).toBe(false);
  });
});
