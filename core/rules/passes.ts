import * as z from 'zod';

/** How many batches each map of a pass has: a batch that is gone is an error, not a success. */
export const PassIndex = z.strictObject({
  v: z.literal(1),
  objects: z.int().nonnegative(),
  multipart: z.int().nonnegative(),
  /** Passes in a row that asked for another one, since the plan or the last redrive. */
  inARow: z.int().nonnegative(),
});
export type PassIndex = z.infer<typeof PassIndex>;

/** Passes that may follow the first one, or a redrive's first, by themselves. */
const mostInARow = 5;

/**
 * Whether another pass could improve the result: some objects failed for a temporary reason, the last pass finished at
 * least one, and the limit of passes is not reached.
 */
export const wantsAnotherPass = (pass: {
  readonly unfinished: number;
  readonly finished: number;
  readonly inARow: number;
}): boolean => pass.unfinished > 0 && pass.finished > 0 && pass.inARow < mostInARow;
