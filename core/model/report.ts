import * as z from 'zod';
import { FailureGroup } from './failure-groups.ts';
import { PlanCounts, total } from './plan.ts';
import { evidences, proofs } from './results.ts';
import { noTally, plusOne, type Status, statuses, Tally, type Totals } from './statuses.ts';

/** What the copies of a plan need, in S3's own terms and at list prices. */
export const Estimate = z.strictObject({
  /** Requests that write to the destination, LISTs and retries not counted. */
  writes: z.int().nonnegative(),
  writesDollars: z.number().nonnegative(),
  /** Bytes that go from one region to another. */
  transferBytes: z.int().nonnegative(),
  transferDollars: z.number().nonnegative(),
  /** Bytes of the part files that staging keeps. */
  keptBytes: z.int().nonnegative(),
  keptDollarsAMonth: z.number().nonnegative(),
});
export type Estimate = z.infer<typeof Estimate>;

/** How the planned objects ended, in numbers. */
export const OutcomeCounts = z.strictObject({
  byStatus: z.record(z.enum(statuses), Tally),
  /** What the copied ones were compared by. */
  proofs: z.record(z.enum(evidences), z.int().nonnegative()),
});
export type OutcomeCounts = z.infer<typeof OutcomeCounts>;

/** Nothing has ended yet. */
export const noOutcomes: OutcomeCounts = {
  byStatus: {
    copied: noTally,
    vanished: noTally,
    changed: noTally,
    archived: noTally,
    conflict: noTally,
    failed: noTally,
  },
  proofs: { checksum: 0, etag: 0, 'part-md5s': 0, size: 0 },
};

/** Counts the end of one object more. */
export function countOutcome(
  endings: OutcomeCounts,
  bytes: number,
  result: { readonly status: Status; readonly proof?: (typeof evidences)[number] | undefined },
): OutcomeCounts {
  const byStatus = { ...endings.byStatus, [result.status]: plusOne(endings.byStatus[result.status], bytes) };
  if (result.proof === undefined) return { ...endings, byStatus };
  return { byStatus, proofs: { ...endings.proofs, [result.proof]: endings.proofs[result.proof] + 1 } };
}

/** Both sums of a run, from the plan's counts and the endings. */
export const addTotals = (plan: PlanCounts, { byStatus }: OutcomeCounts): Totals => ({
  listed: plan.listed,
  same: total(plan.same).objects,
  filtered: total(plan.filtered).objects,
  refused: total(plan.refused).objects,
  planned: total(plan.planned).objects,
  missing: plan.missing,
  ended: Object.fromEntries(statuses.map((status) => [status, byStatus[status].objects])) as Record<
    Status,
    number
  >,
});

/** How a run ended. */
export const RunOutcome = z.enum(['done', 'failed', 'planned', 'listed', 'compared']);

/** `report.json`: what became of every key. */
export const Report = z.strictObject({
  v: z.literal(1),
  run: z.string(),
  executionArn: z.string(),
  /** `planned` is a dry run, `listed` one without destination, `compared` one that only compares. */
  outcome: RunOutcome,
  source: z.string(),
  destination: z.string().optional(),
  startedAt: z.string(),
  endedAt: z.string(),
  /** For which it ran: without the pauses before redrives and, where no report says how long it was, earlier attempts. */
  seconds: z.number(),
  passes: z.int().nonnegative(),
  redrives: z.int().nonnegative(),
  /** When the last redrive began; left out when there was none. */
  redrivenAt: z.string().optional(),
  /** What the last redrive did; how much it copied is known when the attempt before has a report. */
  attempt: z
    .strictObject({
      seconds: z.number(),
      copied: z.int().nonnegative().optional(),
      bytes: z.int().nonnegative().optional(),
    })
    .optional(),
  /** listed = same + filtered + refused + planned, and without destination shown + filtered. In objects. */
  listed: z.int(),
  same: z.int(),
  filtered: z.int(),
  refused: z.int(),
  planned: z.int(),
  /** Keys that a run without destination lists. */
  shown: z.int(),
  /** Of a dry run: whether the run would fail, as far as the plan shows. */
  wouldFail: z.boolean().optional(),
  /** planned = copied + vanished + changed + archived + conflict + failed. */
  copied: z.int(),
  vanished: z.int(),
  changed: z.int(),
  /** Of a dry run: those that the plan found archived. */
  archived: z.int(),
  conflict: z.int(),
  failed: z.int(),
  /** Named files that do not exist, which are part of no sum. */
  missing: z.int(),
  /** Destination keys that the source lacks, where the request looks for them. */
  extra: z.int(),
  deleted: z.int(),
  /** Keys that S3 refused to delete. */
  undeleted: z.int(),
  bytes: z.strictObject({ planned: z.int(), copied: z.int(), same: z.int(), archived: z.int() }),
  reasons: PlanCounts.pick({ same: true, filtered: true, refused: true, planned: true }),
  /** Copied objects by what proved them. */
  proofs: z.record(z.enum(proofs), z.int().nonnegative()),
  /** Copied objects of which only the size was compared. */
  sizeOnly: z.int().nonnegative(),
  /** What is not where it should be, by why, the most frequent reasons first. */
  failures: z.array(FailureGroup),
  /** What the copies of the plan need, priced before they were made. */
  estimate: Estimate,
  /** Notes for the user. */
  notes: z.array(z.string()),
  files: z.strictObject({
    report: z.string(),
    failures: z.string(),
    /** Of a run that only compares. */
    differences: z.string().optional(),
    manifest: z.string(),
    page: z.string(),
  }),
});
export type Report = z.infer<typeof Report>;

/** Keys of a comparison that are not the same at both ends. */
export const countDifferences = ({ planned, extra, refused, missing }: Report): number =>
  planned + extra + refused + missing;
