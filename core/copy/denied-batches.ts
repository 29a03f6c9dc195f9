import * as z from 'zod';
import {
  combineDenials,
  Denied,
  describeDenial,
  isDenialEnough,
  notTried,
  readDenial,
} from '../access/early-stop.ts';
import { runPaths } from '../model/run-paths.ts';
import type { Outcome } from '../run/copy-context.ts';
import type { BatchId } from '../run/results.ts';
import type { RunFiles } from '../run/run-files.ts';

const Copied = z.strictObject({ v: z.literal(1) });

/** Denials of one batch of objects between two looks at those of the others. */
const denialsAtOnce = 10;

/**
 * One in this many batches of a map is tried although all copies so far were denied: the denied objects may lie in one
 * folder, and one copy that succeeds lets all other batches continue.
 */
const triedInMap = 50;

/** The denials that all batches of a pass share, as one of them sees them. */
export class DeniedBatches {
  readonly #files: RunFiles;
  readonly #of: BatchId;
  #own: Denied | undefined;
  #unshared = 0;
  #isMixed = false;
  #hasCopied = false;
  /** How the objects end that are left; undefined while they are to be tried. */
  refusal: Outcome | undefined;

  private constructor(files: RunFiles, of: BatchId) {
    this.#files = files;
    this.#of = of;
  }

  /** Looks at what was denied so far. */
  static async open(files: RunFiles, of: BatchId): Promise<DeniedBatches> {
    const batches = new DeniedBatches(files, of);
    const denied = await files.find(runPaths.denied(of.pass), Denied);
    if (denied !== undefined) batches.refusal = await batches.#refusalFor(denied);
    return batches;
  }

  /** Whether this batch of a large object is tried although it need not be. */
  get isSample(): boolean {
    return Number(this.#of.batch) % triedInMap === 0;
  }

  /** Takes note of how an object ended. */
  async saw({ status, error, message = '' }: Outcome): Promise<void> {
    if (status === 'failed' && error === 'AccessDenied') {
      await this.#sawDenial(message);
      return;
    }
    this.#isMixed = true;
    this.refusal = undefined;
    if (status !== 'copied' || this.#hasCopied) return;
    this.#hasCopied = true;
    await this.#files.write(runPaths.copied, { v: 1 } satisfies z.infer<typeof Copied>);
  }

  /** How the objects end that are left, now that nothing is under way: undefined if anything was copied meanwhile. */
  async confirm(): Promise<Outcome | undefined> {
    const isRefuted =
      this.refusal !== undefined && (await this.#files.find(runPaths.copied, Copied)) !== undefined;
    if (isRefuted) {
      this.#isMixed = true;
      this.refusal = undefined;
    }
    return this.refusal;
  }

  /** Shares what the batch was denied and the others do not know yet. */
  async share(): Promise<void> {
    if (this.#own === undefined || this.#isMixed || this.#unshared === 0) return;
    this.#unshared = 0;
    const path = runPaths.denied(this.#of.pass);
    for (;;) {
      const before = await this.#files.checkpoint(path, Denied);
      const all = before === undefined ? this.#own : combineDenials(before.value, this.#own);
      this.#isMixed = all === undefined;
      if (all === undefined) return;
      const isFull = before !== undefined && isDenialEnough(before.value);
      const value = isFull ? { ...all, batches: before.value.batches } : all;
      const isNew = JSON.stringify(value) !== JSON.stringify(before?.value);
      if (isNew && (await this.#files.commit(path, value, before)) === undefined) continue;
      this.refusal ??= await this.#refusalFor(value);
      return;
    }
  }

  async #sawDenial(message: string): Promise<void> {
    const { map, batch } = this.#of;
    const name = `${map}/${batch}`;
    const denial = readDenial(name, message);
    const own = this.#own === undefined ? denial : combineDenials(this.#own, denial);
    this.#isMixed ||= own === undefined || denial.statements.length === 0;
    if (own === undefined || this.#isMixed) return;
    this.#own = { ...own, batches: { [name]: (this.#own?.batches[name] ?? 0) + 1 } };
    this.#unshared += 1;
    if (this.#unshared >= denialsAtOnce && this.refusal === undefined) await this.share();
  }

  async #refusalFor(denied: Denied): Promise<Outcome | undefined> {
    if (!isDenialEnough(denied)) return undefined;
    if ((await this.#files.find(runPaths.copied, Copied)) !== undefined) return undefined;
    const message = `not tried: ${describeDenial(denied)}`;
    return { status: 'failed', error: notTried, message, passing: false };
  }
}
