import * as z from 'zod';

/** Version of every payload and file format. A reader refuses what it does not know. */
export const formatVersion = 1;

const Version = z.literal(formatVersion);

/**
 * Name of a run, which is the name of its execution: the folder `runs/<run>/` of the work bucket.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html (read 2026-11-22)
 */
export const RunName = z.string().min(1).max(80);

/** Number of a pass over the objects, from 1. */
const Pass = z.int().min(1);

/** Name of a batch file without its folder and `.jsonl`. */
export const BatchName = z.string().regex(/^\d{6,9}$/, 'a batch is named by 6 to 9 digits');

/** A count of things that are left or found. */
const Count = z.int().nonnegative();

/** Input of `prepare`: the request as the user gave it, and the execution that carries it. */
export const PrepareInput = z.strictObject({
  request: z.unknown(),
  execution: z.strictObject({ arn: z.string(), name: RunName, startTime: z.string() }),
  /** What the stack was deployed for; `["*"]` is any bucket. */
  allowed: z.strictObject({
    source: z.array(z.string()),
    destination: z.array(z.string()),
    lists: z.array(z.string()),
    roles: z.array(z.string()),
    keys: z.array(z.string()).optional(),
    temp: z.array(z.string()).optional(),
    switches: z.strictObject({ delete: z.boolean(), acl: z.boolean(), objectLock: z.boolean() }).optional(),
  }),
});
export type PrepareInput = z.infer<typeof PrepareInput>;

/** Output of `prepare`: what the state machine itself needs of the request. */
export const PrepareOutput = z.strictObject({ v: Version, run: RunName, workers: z.int().min(1) });
export type PrepareOutput = z.infer<typeof PrepareOutput>;

/** Input of `plan`. */
export const PlanInput = z.strictObject({ v: Version, run: RunName });
export type PlanInput = z.infer<typeof PlanInput>;

/** How many batches each map of a pass has. A map with 0 is skipped. */
const BatchCounts = { pass: Pass, objects: Count, multipart: Count };

/** Output of `plan`: call again until `done`; then copy `pass`, or report when both maps are empty. */
export const PlanOutput = z.strictObject({
  v: Version,
  done: z.boolean(),
  /** Keys are to be deleted after the copies. */
  deletes: z.boolean(),
  ...BatchCounts,
});
export type PlanOutput = z.infer<typeof PlanOutput>;

/** Input of `copy-objects`, `open-object` and `finalize-object`: one batch of one pass. */
export const BatchInput = z.strictObject({ v: Version, run: RunName, pass: Pass, batch: BatchName });
export type BatchInput = z.infer<typeof BatchInput>;

/** Output of a task that is called again while something remains. */
export const Remaining = z.strictObject({ v: Version, remaining: Count });
export type Remaining = z.infer<typeof Remaining>;

/**
 * Output of `open-object`: `groups` of parts to copy, 0 when the object needs none (it has a result already), and
 * how they are copied.
 */
export const OpenOutput = z.strictObject({
  v: Version,
  groups: z.int().min(0).max(40),
  strategy: z.enum(['staged', 'direct']),
});
export type OpenOutput = z.infer<typeof OpenOutput>;

/** Input of `make-temp-files`, `make-part-files` and `copy-parts`: one group, counted from 0, of the parts of one object. */
export const PartGroupInput = BatchInput.extend({ group: z.int().min(0).max(39) });
export type PartGroupInput = z.infer<typeof PartGroupInput>;

/** Input of `reconcile`: the pass that has just ended. */
export const ReconcileInput = z.strictObject({ v: Version, run: RunName, pass: Pass });
export type ReconcileInput = z.infer<typeof ReconcileInput>;

/** Output of `reconcile`: call again until `done`; then copy `pass` if `again`. */
export const ReconcileOutput = z.strictObject({
  v: Version,
  done: z.boolean(),
  again: z.boolean(),
  ...BatchCounts,
});
export type ReconcileOutput = z.infer<typeof ReconcileOutput>;

/** Input of `delete-objects`: the last pass. */
export const DeleteInput = ReconcileInput;
export type DeleteInput = ReconcileInput;

/** Output of `delete-objects`: call again until `done`. */
export const DeleteOutput = z.strictObject({ v: Version, done: z.boolean() });
export type DeleteOutput = z.infer<typeof DeleteOutput>;

/**
 * Input of `report`. How often the execution was redriven comes from the context object of Step Functions, which is
 * always current; DescribeExecution may still answer what was before the redrive.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html (read 2026-11-28)
 */
export const ReportInput = z.strictObject({
  v: Version,
  run: RunName,
  pass: Pass,
  executionArn: z.string(),
  redrive: z.strictObject({
    /** 0 before the first one. */
    count: Count,
    /** When the last one began; left out before the first one. */
    time: z.string().optional(),
  }),
});
export type ReportInput = z.infer<typeof ReportInput>;

/** Output of `report`: call again until `done`; `again` after a redrive found something to attempt in `pass`. */
export const ReportOutput = ReconcileOutput;
export type ReportOutput = z.infer<typeof ReportOutput>;
