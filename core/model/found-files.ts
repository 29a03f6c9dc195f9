import * as z from 'zod';
import { noCounts, PlanCounts, RefusedLine } from './plan.ts';

const Counts = z.int().nonnegative();

const Orders = z.strictObject({ objects: Counts, multipart: Counts });

/** Named files that the plan missed and a redrive found. */
export const Found = z.strictObject({
  v: z.literal(1),
  keys: z.array(z.string()),
  /** Those of them that no run can copy. */
  refused: z.array(RefusedLine).default([]),
  counts: PlanCounts,
  /** Orders that were added to those of the first pass for them. */
  orders: Orders,
  /** The pass before which the last ones were found, and their orders: to find them again changes nothing. */
  last: z.strictObject({ pass: Counts, redrives: Counts, orders: Orders }),
});
export type Found = z.infer<typeof Found>;

const none = { objects: 0, multipart: 0 };

/** Nothing was found later. */
export const nothingFound: Found = {
  v: 1,
  keys: [],
  refused: [],
  counts: noCounts,
  orders: none,
  last: { pass: 0, redrives: 0, orders: none },
};
