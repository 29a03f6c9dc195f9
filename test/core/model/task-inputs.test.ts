import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import {
  BatchInput,
  BatchName,
  DeleteInput,
  DeleteOutput,
  formatVersion,
  OpenOutput,
  PartGroupInput,
  PlanInput,
  PlanOutput,
  PrepareInput,
  PrepareOutput,
  ReconcileInput,
  ReconcileOutput,
  Remaining,
  ReportInput,
  ReportOutput,
  RunName,
} from '../../../core/model/task-inputs.ts';

const allowed = { source: ['one'], destination: ['*'], lists: ['s3://lists/'], roles: [] };

const v = formatVersion;
const batch = { v, run: 'r', pass: 1, batch: '000001' };
const maps = { pass: 1, objects: 0, multipart: 3 };

const payloads: readonly (readonly [string, z.ZodType, Readonly<Record<string, unknown>>])[] = [
  [
    'input of prepare',
    PrepareInput,
    { request: { src: 's3://bucket' }, execution: { arn: 'arn', name: 'r', startTime: 't' }, allowed },
  ],
  ['output of prepare', PrepareOutput, { v, run: 'r', workers: 8 }],
  ['input of plan', PlanInput, { v, run: 'r' }],
  ['output of plan', PlanOutput, { v, done: true, deletes: true, ...maps }],
  ['input of copy-objects', BatchInput, batch],
  ['output of copy-objects', Remaining, { v, remaining: 0 }],
  ['output of open-object', OpenOutput, { v, groups: 40, strategy: 'direct' }],
  ['input of make-temp-files', PartGroupInput, { ...batch, group: 39 }],
  ['input of reconcile', ReconcileInput, { v, run: 'r', pass: 1 }],
  ['output of reconcile', ReconcileOutput, { v, done: true, again: false, ...maps }],
  ['input of report', ReportInput, { v, run: 'r', pass: 1, executionArn: 'arn', redrive: { count: 0 } }],
  ['input of delete-objects', DeleteInput, { v, run: 'r', pass: 1 }],
  ['output of delete-objects', DeleteOutput, { v, done: true }],
  ['output of report', ReportOutput, { v, done: true, again: false, ...maps }],
];

describe.each(payloads)('the %s', (_name, schema, payload) => {
  it('is taken as it is', () => {
    expect(schema.parse(payload)).toEqual(payload);
  });

  it('has no field that nobody knows, since a typo must not be lost', () => {
    expect(schema.safeParse({ ...payload, sorce: 1 }).success).toBe(false);
  });

  it.each(Object.keys(payload).filter((field) => field !== 'request'))('needs %s', (field) => {
    const { [field]: _, ...rest } = payload;
    expect(schema.safeParse(rest).success).toBe(false);
  });

  it.each([undefined, null, 'text', 5, []])('is no %j', (other) => {
    expect(schema.safeParse(other).success).toBe(false);
  });
});

describe('a payload', () => {
  it.each(payloads.filter(([, , payload]) => 'v' in payload))(
    'of another version is refused and not misread: the %s',
    (_name, schema, payload) => {
      expect(schema.safeParse({ ...payload, v: 2 }).success).toBe(false);
      expect(schema.safeParse({ ...payload, v: '1' }).success).toBe(false);
    },
  );

  it.each([
    ['no pass before the first', BatchInput, { ...batch, pass: 0 }],
    ['no half pass', ReconcileInput, { v, run: 'r', pass: 1.5 }],
    ['no order of another name', BatchInput, { ...batch, batch: '1' }],
    ['no path for a batch', BatchInput, { ...batch, batch: '../../000001' }],
    ['no run without a name', PlanInput, { v, run: '' }],
    ['no name that no execution has', PlanInput, { v, run: 'r'.repeat(81) }],
    ['no group before the first', PartGroupInput, { ...batch, group: -1 }],
    ['no group behind the last', PartGroupInput, { ...batch, group: 40 }],
    ['no more groups than a history bears', OpenOutput, { v, groups: 41 }],
    ['no negative groups', OpenOutput, { v, groups: -1 }],
    ['nothing less than nothing left', Remaining, { v, remaining: -1 }],
    ['no run without a worker', PrepareOutput, { v, run: 'r', workers: 0 }],
    [
      'no execution without its start',
      PrepareInput,
      { request: {}, execution: { arn: 'a', name: 'r' }, allowed },
    ],
    ['no words for a boolean', PlanOutput, { v, done: 'yes', deletes: true, ...maps }],
  ])('has %s', (_what, schema: z.ZodType, payload) => {
    expect(schema.safeParse(payload).success).toBe(false);
  });

  it.each(['000001', '999999', '1000000', '999999999'])('names the batch %s', (name) => {
    expect(BatchName.parse(name)).toBe(name);
  });

  it.each(['', '00001', '0000000001', '000001x', 'x000001', '000001\n', '٠٠٠٠٠١'])(
    'names no order %j',
    (name) => {
      expect(BatchName.safeParse(name).success).toBe(false);
    },
  );

  it.each(['r', 'r'.repeat(80), 'sync-2026-11-22_é'])('names the run %s', (name) => {
    expect(RunName.parse(name)).toBe(name);
  });

  it('leaves it to prepare to refuse a request that is none', () => {
    const execution = { arn: 'a', name: 'r', startTime: 't' };
    for (const request of [null, 'text', 5, []]) {
      expect(PrepareInput.parse({ request, execution, allowed })).toEqual({ request, execution, allowed });
    }
  });
});
