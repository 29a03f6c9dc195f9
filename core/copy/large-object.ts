import * as z from 'zod';
import { OrderedObject } from '../model/batches.ts';
import { CopyError } from '../model/errors.ts';
import { runPaths } from '../model/run-paths.ts';
import type { OrderInput } from '../model/task-inputs.ts';
import { type CopyContext, copyContext, type Outcome } from '../run/copy-context.ts';
import { openRun, type WorkPlace } from '../run/open-run.ts';
import { type OrderOf, ResultSegments, readOrder, readResults, resultOf } from '../run/results.ts';
import type { Invocation } from '../run/task.ts';
import { Requests } from '../s3/request-limiter.ts';
import { type Copy, copyWith } from './copy-object.ts';
import { DeniedOrders } from './denied-batches.ts';

/** The version of a big object that all tasks of a pass copy. */
const Opened = z.strictObject({ v: z.literal(1), object: OrderedObject });

/** One big object in one pass, as each of its tasks finds it. */
export class BigObject {
  readonly context: CopyContext;
  readonly planned: OrderedObject;
  readonly #of: OrderOf;
  readonly #requestId: string;

  private constructor(context: CopyContext, planned: OrderedObject, of: OrderOf, requestId: string) {
    this.context = context;
    this.planned = planned;
    this.#of = of;
    this.#requestId = requestId;
  }

  /**
   * Reads the order of the object.
   *
   * @throws {CopyError} `RunFileError` when it is gone
   */
  static async find(input: OrderInput, place: WorkPlace, invocation: Invocation): Promise<BigObject> {
    const run = await openRun(input.run, place);
    const of: OrderOf = { pass: input.pass, lane: 'multipart', order: input.order };
    const [planned] = await readOrder(run.files, of);
    if (planned === undefined)
      throw new CopyError('RunFileError', `order ${input.order} of pass ${input.pass} is empty`);
    const context = copyContext(run, new Requests(run.request.concurrency), invocation.deadline);
    return new BigObject(context, planned, of, invocation.requestId);
  }

  get #path(): string {
    return runPaths.opened(this.#of.pass, this.#of.order);
  }

  /** What the objects of this pass were denied so far. */
  denied(): Promise<DeniedOrders> {
    return DeniedOrders.open(this.context.run.files, this.#of);
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
  async open(object: OrderedObject): Promise<OrderedObject> {
    await this.context.run.files.commit(this.#path, { v: 1, object }, undefined);
    return this.#opened();
  }

  /**
   * Does one step of the copy of the version that was opened, and writes how the object ended if the step ended it:
   * then the other tasks stop. A source that changed is left to the next pass, once.
   */
  async step(copy: Copy): Promise<Outcome> {
    const object = await this.#opened();
    const outcome = await copyWith(copy, this.context, object, { source: 0, destination: 1 });
    const isFirstChange =
      outcome !== 'later' && outcome.status === 'changed' && object.etag === this.planned.etag;
    return this.end(
      isFirstChange ? { ...outcome, status: 'failed', error: 'SourceChanged', passing: true } : outcome,
    );
  }

  /** Writes how the object ended, unless that is for a later invocation to say. */
  async end(outcome: Outcome): Promise<Outcome> {
    if (outcome === 'later') return outcome;
    const segments = new ResultSegments(this.context.run.files, this.#of, this.#requestId);
    await segments.add(resultOf(this.planned, outcome));
    await segments.flush();
    const denied = await this.denied();
    await denied.saw(outcome);
    await denied.share();
    return outcome;
  }

  async #opened(): Promise<OrderedObject> {
    return (await this.context.run.files.read(this.#path, Opened)).object;
  }
}
