import type { Rule } from 'sandbox-s3/rule';
import type { FaultRule } from 'step-functions-local/faults';

/** An object of the source as the campaign makes it. */
export interface Planted {
  readonly key: string;
  /** Parts of 5 MiB, the last of a few bytes; 0 for a simple object. */
  readonly parts: number;
  /** What its target is before the run: these bytes, or others of another size or of the same. Nothing when left out. */
  readonly before?: Before | undefined;
  readonly properties?: Properties | undefined;
  /** It is from the time before S3 made a checksum of every object. */
  readonly isOld?: boolean | undefined;
}

export type Before = 'same' | 'other' | 'as-long';

/** What an object has besides its bytes. */
export interface Properties {
  readonly metadata: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly storageClass: 'STANDARD' | 'STANDARD_IA';
}

/** What somebody else does to an object during the run. */
export interface Change {
  readonly key: string;
  /**
   * At the source: `vanish`, `change`, `change-again` (to other bytes), `archive`; `foreign` writes its key at the destination, `revive` a key there that
   * the source lacks, when something is about to be deleted.
   */
  readonly kind: 'vanish' | 'change' | 'change-again' | 'archive' | 'foreign' | 'revive';
  /** Requests on the object that come before it, and how often it happens then. */
  readonly skip: number;
  readonly times: number;
  /** In which attempt, from 0. @default 0 */
  readonly attempt?: number | undefined;
}

/** All that one seed decides. */
export interface Scenario {
  readonly seed: number;
  readonly objects: readonly Planted[];
  /** Keys in the destination's scope that the source lacks. */
  readonly extras: readonly string[];
  /** The destination keeps versions. */
  readonly isVersioned: boolean;
  /** So does the source. */
  readonly isSourceVersioned?: boolean | undefined;
  readonly request: Readonly<Record<string, unknown>>;
  /** Faults that pass by themselves or are healed after some redrives. */
  readonly faults: readonly Rule[];
  /** What happens to objects meanwhile, by whoever else. */
  readonly changes: readonly Change[];
  readonly invocations: readonly (FaultRule & Pick<Change, 'attempt'>)[];
  /** Requests of S3 after which the process is killed, one an attempt. */
  readonly kills: readonly number[];
  /** The attempt from which on a failed run is cleaned up instead of redriven; never when left out. */
  readonly givesUpAfter?: number | undefined;
}

/** Names of the buckets of every scenario. */
export const buckets = { source: 'source', destination: 'destination' } as const;
