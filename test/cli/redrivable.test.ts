import { describe, expect, it } from 'vitest';
import { mayRedrive } from '../../cli/redrivable.ts';
import { anyReport } from './any-report.ts';

const nothing = { refused: 0, changed: 0, archived: 0, conflict: 0, failed: 0, missing: 0, undeleted: 0 };

describe('a redrive', () => {
  it.each([
    { left: { failed: 1 }, may: true, why: 'the cause may have been healed' },
    { left: { archived: 1 }, may: true, why: 'it may have been restored' },
    { left: { missing: 1 }, may: true, why: 'it may have been uploaded' },
    { left: { undeleted: 1 }, may: true, why: 'the deletion is tried again' },
    { left: { refused: 2 }, may: false, why: 'no redrive can place a refused key' },
    { left: { refused: 2, changed: 1 }, may: true, why: 'the other one may be copied' },
  ])('is of use ($may) when $left is left, since $why', ({ left, may }) => {
    const report = { ...anyReport, outcome: 'failed' as const, ...nothing, ...left };
    expect(mayRedrive({ status: 'FAILED', error: 'ObjectsFailedError' }, report)).toBe(may);
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
