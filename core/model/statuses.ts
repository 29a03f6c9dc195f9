import * as z from 'zod';

/**
 * How an attempt on a planned object ended, strongest first: of several results for one object the first of this
 * list counts.
 */
export const statuses = ['copied', 'vanished', 'changed', 'archived', 'conflict', 'failed'] as const;

/** The end of a planned object. */
export const Status = z.enum(statuses);
export type Status = z.infer<typeof Status>;

/** The stronger of two results; of two failures the later one, which says what is wrong now. */
export function stronger<T extends { readonly status: Status }>(a: T | undefined, b: T): T {
  if (a === undefined || (a.status === 'failed' && b.status === 'failed')) return b;
  return statuses.indexOf(b.status) < statuses.indexOf(a.status) ? b : a;
}

/** Objects and their bytes. */
export const Tally = z.strictObject({ objects: z.int().nonnegative(), bytes: z.int().nonnegative() });
export type Tally = z.infer<typeof Tally>;

/** Nothing, to add to. */
export const noTally: Tally = { objects: 0, bytes: 0 };

/** One object more. */
export const plusOne = (tally: Tally | undefined, bytes: number): Tally => ({
  objects: (tally?.objects ?? 0) + 1,
  bytes: (tally?.bytes ?? 0) + bytes,
});

/** The sum of two tallies. */
export const plus = (a: Tally | undefined, b: Tally): Tally => ({
  objects: (a?.objects ?? 0) + b.objects,
  bytes: (a?.bytes ?? 0) + b.bytes,
});

/** What became of all keys that a run has listed: the two sums of every report. */
export interface Totals {
  readonly listed: number;
  readonly same: number;
  readonly filtered: number;
  readonly refused: number;
  readonly planned: number;
  readonly missing: number;
  readonly ended: Readonly<Record<Status, number>>;
}

/**
 * Whether the run must fail: something that should be at the destination is not.
 *
 * @param archived whether the run was asked to skip archived objects: those that only the copy met are skipped too
 */
export function isFailure({ refused, missing, ended }: Totals, archived: 'fail' | 'skip'): boolean {
  const unread = archived === 'skip' ? 0 : ended.archived;
  return refused + missing + ended.changed + unread + ended.conflict + ended.failed > 0;
}

/** Whether every key is accounted for. */
export function addsUp({ listed, same, filtered, refused, planned, ended }: Totals): boolean {
  const endings = statuses.reduce((sum, status) => sum + ended[status], 0);
  return listed === same + filtered + refused + planned && planned === endings;
}
