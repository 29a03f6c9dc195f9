import * as z from 'zod';
import { ListLines } from './list-lines.ts';
import { noCounts, PlanCounts } from './plan.ts';

/** Where the dealing of planned objects to batches begins again: always at the start of a round. */
const PackingPosition = z.strictObject({
  /** The current map: first the objects are packed, then each large object gets its batch. */
  map: z.enum(['objects', 'multipart']),
  file: z.int().nonnegative(),
  line: z.int().nonnegative(),
  objects: z.int().nonnegative(),
  multipart: z.int().nonnegative(),
});
export type PackingPosition = z.infer<typeof PackingPosition>;

/** What the planner knows between two invocations. Only the invocation that read it last may change it. */
export const PlanCursor = z.strictObject({
  v: z.literal(1),
  phase: z.enum(['list', 'deal', 'done']),
  /** Source key up to which all is decided; left out at the beginning. */
  after: z.string().optional(),
  /** Names of the plan's files, in order. A file that is not named here was left by an invocation that died. */
  files: z.array(z.string()),
  counts: PlanCounts,
  /** What the lists of the request hold; empty until all of them are read. */
  lists: z.array(ListLines).default([]),
  /** What the plan has found out about the copy records of earlier runs. */
  copyRecords: z
    .strictObject({
      /** Names of the files with what is to be changed in them, in order. */
      files: z.array(z.string()),
      /** Why they could not all be read, as text. */
      problem: z.string().optional(),
    })
    .default({ files: [] }),
  packing: PackingPosition,
});
export type PlanCursor = z.infer<typeof PlanCursor>;

/** The cursor of a plan that begins. */
export const firstCursor: PlanCursor = {
  v: 1,
  phase: 'list',
  files: [],
  counts: noCounts,
  lists: [],
  copyRecords: { files: [] },
  packing: { map: 'objects', file: 0, line: 0, objects: 0, multipart: 0 },
};
