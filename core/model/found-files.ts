import * as z from 'zod';
import { noCounts, PlanCounts, RefusedLine } from './plan.ts';

const Counts = z.int().nonnegative();

const Batches = z.strictObject({ objects: Counts, multipart: Counts });

/** Named files that the plan missed and a redrive found. */
export const FoundFiles = z.strictObject({
  v: z.literal(1),
  keys: z.array(z.string()),
  /** Those of them that no run can copy. */
  refused: z.array(RefusedLine).default([]),
  counts: PlanCounts,
  /** Batches that were added to those of the first pass for them. */
  batches: Batches,
  /** The pass before which the last ones were found, and their batches: to find them again changes nothing. */
  last: z.strictObject({ pass: Counts, redrives: Counts, batches: Batches }),
});
export type FoundFiles = z.infer<typeof FoundFiles>;

const none = { objects: 0, multipart: 0 };

/** Nothing was found later. */
export const nothingFound: FoundFiles = {
  v: 1,
  keys: [],
  refused: [],
  counts: noCounts,
  batches: none,
  last: { pass: 0, redrives: 0, batches: none },
};
