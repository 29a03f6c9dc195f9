import type { Rule } from 'sandbox-s3/rule';
import type { FaultRule } from 'step-functions-local/faults';

/** An object that the campaign creates in the source. */
export interface Planted {
  readonly key: string;
  /** The number of parts: 5 MiB each, and a few bytes for the last one. 0 for a simple object. */
  readonly parts: number;
  /** The target before the run: the same bytes, other bytes of another size, or other bytes of the same size. @default none */
  readonly before?: Before | undefined;
  readonly properties?: Properties | undefined;
  /** Whether it has no checksum, like objects that were uploaded before S3 computed one for every object. */
  readonly isOld?: boolean | undefined;
}

export type Before = 'same' | 'other' | 'as-long';

/** The properties of an object. */
export interface Properties {
  readonly metadata: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly storageClass: 'STANDARD' | 'STANDARD_IA';
}

/** A change by another client during the run. */
export interface Change {
  readonly key: string;
  /**
   * At the source: `vanish`, `change`, `change-again` (to other bytes), `archive`. At the destination: `foreign` writes
   * the target, and `revive` writes a key that is missing in the source, just before a delete.
   */
  readonly kind: 'vanish' | 'change' | 'change-again' | 'archive' | 'foreign' | 'revive';
  /** The number of requests for the object before the change, and how often it happens after that. */
  readonly skip: number;
  readonly times: number;
  /** The attempt, counted from 0. @default 0 */
  readonly attempt?: number | undefined;
}

/** Everything that a seed decides. */
export interface Scenario {
  readonly seed: number;
  readonly objects: readonly Planted[];
  /** Keys at the destination that are missing in the source. */
  readonly extras: readonly string[];
  /** Whether versioning of the destination is on. */
  readonly isVersioned: boolean;
  /** Whether versioning of the source is on. */
  readonly isSourceVersioned?: boolean | undefined;
  readonly request: Readonly<Record<string, unknown>>;
  /** Faults that end by themselves or are removed after some redrives. */
  readonly faults: readonly Rule[];
  /** Changes by other clients during the run. */
  readonly changes: readonly Change[];
  readonly invocations: readonly (FaultRule & Pick<Change, 'attempt'>)[];
  /** For each attempt, the number of S3 requests after which the process is killed. */
  readonly kills: readonly number[];
  /** The attempt from which a failed run is cleaned up instead of redriven. @default never */
  readonly givesUpAfter?: number | undefined;
}

/** The buckets of every scenario. */
export const buckets = { source: 'source', destination: 'destination' } as const;
