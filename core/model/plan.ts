import * as z from 'zod';
import { PlannedObject } from './batches.ts';
import type { CopyRecord } from './copy-records.ts';
import { noTally, plus, Tally } from './statuses.ts';

/** A key that cannot be written to the destination, or that is a delete marker. */
export const RefusedLine = z.strictObject({
  action: z.literal('refused'),
  key: z.string(),
  versionId: z.string().optional(),
  target: z.string(),
  size: z.int().nonnegative(),
  reason: z.enum(['key-too-long', 'temp-area', 'delete-marker']),
});
export type RefusedLine = z.infer<typeof RefusedLine>;

/** A key that the plan looked at: a line of a plan file. */
export const PlanLine = z.discriminatedUnion('action', [
  PlannedObject.extend({ action: z.literal('copy'), map: z.enum(['objects', 'multipart']) }),
  z.strictObject({
    action: z.literal('filtered'),
    key: z.string(),
    size: z.int().nonnegative(),
    reason: z.enum([
      'list-only',
      'in-destination',
      'temp-area',
      /** A part file that an earlier copy has left in what is the source now. */
      'part-files',
      'exists',
      'archived',
      'excluded',
      'not-included',
    ]),
  }),
  RefusedLine,
  z.strictObject({
    action: z.literal('missing'),
    key: z.string(),
    versionId: z.string().optional(),
  }),
  /** The destination has it and the source lacks it. */
  z.strictObject({
    action: z.literal('extra'),
    /** Source key that would land there. */
    key: z.string(),
    target: z.string(),
    size: z.int().nonnegative(),
    etag: z.string(),
  }),
  /** Written by runs that only compare. */
  z.strictObject({
    action: z.literal('same'),
    key: z.string(),
    size: z.int().nonnegative(),
    reason: z.string(),
  }),
]);
export type PlanLine = z.infer<typeof PlanLine>;

/** What the plan made of a key. */
export type Decision =
  | (PlanLine & {
      /** What has been proven of an object that is the same. */
      readonly copyRecord?: CopyRecord;
    })
  /** A key of the destination alone that no delete may touch. */
  | { readonly action: 'protected'; readonly key: string };

const ByReason = z.record(z.string(), Tally);

/** What a plan holds, in numbers. Objects and bytes by reason. */
export const PlanCounts = z.strictObject({
  /** Keys that the source showed, counted before anything was decided on them. */
  listed: z.int().nonnegative(),
  same: ByReason,
  filtered: ByReason,
  refused: ByReason,
  planned: ByReason,
  /** Planned objects that can be read, by the storage class of their source, but for STANDARD. */
  classes: ByReason,
  /** Planned objects in an archive, which nothing can read until they are restored, by their storage class. */
  archived: ByReason.default({}),
  /** Planned objects that are copied in parts, and how many parts that makes. */
  inParts: Tally.extend({ parts: z.int().nonnegative() }),
  /** Named files that do not exist. */
  missing: z.int().nonnegative(),
  /** Those of them whose names end in a carriage return, as the lines of a list written on Windows do. */
  missingReturns: z.int().nonnegative().default(0),
  /** Destination keys that the source lacks and the filters let pass, where the request looks for them. */
  extra: Tally,
  /** Destination keys that the filters let pass, where the request looks for them. */
  inScope: z.int().nonnegative(),
  /** Objects of each map. */
  maps: z.strictObject({ objects: Tally, multipart: Tally }),
});
export type PlanCounts = z.infer<typeof PlanCounts>;

/** The counts of a plan that begins. */
export const noCounts: PlanCounts = {
  listed: 0,
  same: {},
  filtered: {},
  refused: {},
  planned: {},
  classes: {},
  archived: {},
  inParts: { ...noTally, parts: 0 },
  missing: 0,
  missingReturns: 0,
  extra: noTally,
  inScope: 0,
  maps: { objects: noTally, multipart: noTally },
};

/** The sums of two counts. */
export function plusCounts(a: PlanCounts, b: PlanCounts): PlanCounts {
  const byReason = (field: 'same' | 'filtered' | 'refused' | 'planned' | 'classes' | 'archived') => {
    const sum = { ...a[field] };
    for (const [reason, tally] of Object.entries(b[field])) sum[reason] = plus(sum[reason], tally);
    return sum;
  };
  return {
    listed: a.listed + b.listed,
    same: byReason('same'),
    filtered: byReason('filtered'),
    refused: byReason('refused'),
    planned: byReason('planned'),
    classes: byReason('classes'),
    archived: byReason('archived'),
    inParts: { ...plus(a.inParts, b.inParts), parts: a.inParts.parts + b.inParts.parts },
    missing: a.missing + b.missing,
    missingReturns: a.missingReturns + b.missingReturns,
    extra: plus(a.extra, b.extra),
    inScope: a.inScope + b.inScope,
    maps: {
      objects: plus(a.maps.objects, b.maps.objects),
      multipart: plus(a.maps.multipart, b.maps.multipart),
    },
  };
}

/** All tallies of a field in one. */
export const total = (byReason: Readonly<Record<string, Tally>>): Tally =>
  Object.values(byReason).reduce(plus, noTally);
