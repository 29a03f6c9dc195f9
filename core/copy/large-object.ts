import * as z from 'zod';
import { BatchedObject, type PlannedObject } from '../model/batches.ts';
import { CopyError, type ObjectErrorName } from '../model/errors.ts';
import { runPaths } from '../model/run-paths.ts';
import { type BatchInput, formatVersion, type PartGroupInput, type Remaining } from '../model/task-inputs.ts';
import { openStaging, type Staging } from '../multipart/staging.ts';
import { type Part, partsInGroup } from '../rules/part-layout.ts';
import { type CopyContext, copyContext, type OutcomeOrLater } from '../run/copy-context.ts';
import { openRun, type WorkBucket } from '../run/open-run.ts';
import { type BatchId, ResultSegments, readBatch, readResults, toResult } from '../run/results.ts';
import type { Invocation } from '../run/task.ts';
import { hasCode } from '../s3/failures.ts';
import { RequestLimiter } from '../s3/request-limiter.ts';
import { findPublished } from './clean-up.ts';
import { fill, findOrOpenUpload, recheckSource } from './complete-upload.ts';
import { type Copy, copyWith } from './copy-object.ts';
import { DeniedBatches } from './denied-batches.ts';
import { prepareDirect } from './direct.ts';
import { isHead } from './resolve-conflict.ts';

/** The version of a large object that all tasks of a pass copy. */
const Opened = z.strictObject({ v: z.literal(1), object: BatchedObject });

/** One large object in one pass, as each of its tasks finds it. */
export class LargeObject {
  readonly context: CopyContext;
  readonly planned: BatchedObject;
  readonly #of: BatchId;
  readonly #requestId: string;

  private constructor(context: CopyContext, planned: BatchedObject, of: BatchId, requestId: string) {
    this.context = context;
    this.planned = planned;
    this.#of = of;
    this.#requestId = requestId;
  }

  /**
   * Reads the batch of the object.
   *
   * @throws {CopyError} `RunFileError` when it is gone
   */
  static async find(input: BatchInput, workBucket: WorkBucket, invocation: Invocation): Promise<LargeObject> {
    const run = await openRun(input.run, workBucket);
    const of: BatchId = { pass: input.pass, map: 'multipart', batch: input.batch };
    const [planned] = await readBatch(run.files, of);
    if (planned === undefined)
      throw new CopyError('RunFileError', `batch ${input.batch} of pass ${input.pass} is empty`);
    const context = copyContext(run, new RequestLimiter(run.copyRequest.concurrency), invocation.deadline);
    return new LargeObject(context, planned, of, invocation.requestId);
  }

  get #path(): string {
    return runPaths.opened(this.#of.pass, this.#of.batch);
  }

  /** What the objects of this pass were denied so far. */
  denied(): Promise<DeniedBatches> {
    return DeniedBatches.open(this.context.run.files, this.#of);
  }

  /** Whether a task of this pass has written how the object ended. */
  async hasEnded(): Promise<boolean> {
    return (await readResults(this.context.run.files, this.#of)).size > 0;
  }

  /**
   * Fixes the version to copy; the first task to do so decides for all.
   *
   * @returns the version that was decided on
   */
  async open(object: BatchedObject): Promise<BatchedObject> {
    await this.context.run.files.commit(this.#path, { v: 1, object }, undefined);
    return this.#opened();
  }

  /**
   * Does one step of the copy of the version that was opened, and writes how the object ended if the step ended it:
   * then the other tasks stop. A source that changed is left to the next pass, once.
   */
  async step(copy: Copy): Promise<OutcomeOrLater> {
    const object = await this.#opened();
    const outcome = await copyWith(copy, this.context, object, { source: 0, destination: 1 });
    const isFirstChange =
      outcome !== 'later' && outcome.status === 'changed' && object.etag === this.planned.etag;
    return this.end(
      isFirstChange
        ? { ...outcome, status: 'failed', error: 'SourceChanged' satisfies ObjectErrorName, passing: true }
        : outcome,
    );
  }

  /** Writes how the object ended, unless that is for a later invocation to say. */
  async end(outcome: OutcomeOrLater): Promise<OutcomeOrLater> {
    if (outcome === 'later') return outcome;
    const segments = new ResultSegments(this.context.run.files, this.#of, this.#requestId);
    await segments.add(toResult(this.planned, outcome));
    await segments.flush();
    const denied = await this.denied();
    await denied.saw(outcome);
    await denied.share();
    return outcome;
  }

  async #opened(): Promise<BatchedObject> {
    return (await this.context.run.files.read(this.#path, Opened)).object;
  }
}

/** What remains of a group of parts, or the outcome of the object if the step ended it. */
type GroupStep = (
  context: CopyContext,
  object: PlannedObject,
) => Promise<OutcomeOrLater | { readonly remaining: number }>;

/** Does one step of a group of parts, unless the object has an outcome already. */
async function runGroupStep(
  input: PartGroupInput,
  workBucket: WorkBucket,
  invocation: Invocation,
  step: GroupStep,
): Promise<Remaining> {
  const large = await LargeObject.find(input, workBucket, invocation);
  let remaining = 0;
  if (!(await large.hasEnded()))
    await large.step(async (context, object) => {
      const result = await step(context, object);
      if (result === 'later' || !('remaining' in result)) return result;
      remaining = result.remaining;
      return 'later';
    });
  return { v: formatVersion, remaining };
}

/**
 * Copies one group of the parts of a large object into its upload. An upload that is gone is left to the last step,
 * which finds out why and copies what is missing.
 *
 * @returns 1 while parts remain, for which there was no time; 0 also when the object has ended
 */
export const copyPartGroup = (
  input: PartGroupInput,
  workBucket: WorkBucket,
  invocation: Invocation,
): Promise<Remaining> =>
  runGroupStep(input, workBucket, invocation, async (context, object) => {
    const source = await recheckSource(context, object);
    if (!isHead(source)) return source;
    const multipart = await prepareDirect(context, object, source);
    const upload = await findOrOpenUpload(context, multipart, source);
    try {
      const copied = await fill(context, multipart, upload, partsInGroup(multipart.parts, input.group));
      return { remaining: copied === 'later' ? 1 : 0 };
    } catch (error) {
      if (!hasCode(error, 'NoSuchUpload')) throw error;
      return { remaining: 0 };
    }
  });

/** Makes the temp files or the part files of these parts. @returns how many parts it had no time for */
type MakeFiles = (context: CopyContext, staging: Staging, parts: readonly Part[]) => Promise<number>;

/**
 * Makes the temp files or the part files of one group of the parts of a large object.
 *
 * @returns how many parts remain, for which there was no time; 0 also when the object has ended
 */
export const stagePartGroup = (
  makeFiles: MakeFiles,
  input: PartGroupInput,
  workBucket: WorkBucket,
  invocation: Invocation,
): Promise<Remaining> =>
  runGroupStep(input, workBucket, invocation, async (context, object) => {
    const before = await findPublished(context, object);
    if (before !== undefined) return before;
    const staging = await openStaging(context, object);
    return { remaining: await makeFiles(context, staging, partsInGroup(staging.parts, input.group)) };
  });
