import * as z from 'zod';
import { ListLines } from './list-lines.ts';
import { noCounts, PlanCounts } from './plan.ts';

/** Where the dealing of planned objects to orders begins again: always at the start of a round. */
const DealPosition = z.strictObject({
  /** The lane at hand: first the objects are dealt, then each big object gets its order. */
  lane: z.enum(['objects', 'multipart']),
  file: z.int().nonnegative(),
  line: z.int().nonnegative(),
  objects: z.int().nonnegative(),
  multipart: z.int().nonnegative(),
});
export type DealPosition = z.infer<typeof DealPosition>;

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
  /** What the plan has found out about the receipts of earlier runs. */
  receipts: z
    .strictObject({
      /** Names of the files with what is to be changed in them, in order. */
      files: z.array(z.string()),
      /** Why they could not all be read, in words. */
      problem: z.string().optional(),
    })
    .default({ files: [] }),
  deal: DealPosition,
});
export type PlanCursor = z.infer<typeof PlanCursor>;

/** The cursor of a plan that begins. */
export const firstCursor: PlanCursor = {
  v: 1,
  phase: 'list',
  files: [],
  counts: noCounts,
  lists: [],
  receipts: { files: [] },
  deal: { lane: 'objects', file: 0, line: 0, objects: 0, multipart: 0 },
};
