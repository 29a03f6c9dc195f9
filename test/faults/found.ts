import type { Report } from '../../core/model/report.ts';
import type { Event } from './events.ts';
import type { Counts } from './fired.ts';
import type { Properties } from './scenario.ts';
import type { Told } from './told.ts';

export const failing = ['refused', 'changed', 'archived', 'conflict', 'failed', 'missing'] as const;
export type Failure = (typeof failing)[number] | 'copied' | 'vanished';

/** What an object at the destination has besides its bytes. */
export type Carried = Omit<Properties, 'storageClass'> & { readonly storageClass: string };

/** What an attempt, an execution or a redrive of it, came to. */
export interface Attempt {
  readonly status: string;
  readonly error: string | null;
  readonly cause: string | null;
  /** Requests of the functions and the engine. */
  readonly requests: number;
}

/** What a run left behind. */
export interface Found {
  readonly report: Report | undefined;
  readonly failures: readonly {
    readonly sourceKey: string;
    readonly target?: string | undefined;
    readonly status: Failure;
    readonly error?: string | undefined;
  }[];
  /** What the workers wrote of each planned object. */
  readonly told: Told;
  /** SHA-256 of what is at the destination outside the temp area. */
  readonly content: ReadonlyMap<string, string>;
  /** The same of every version, also of those that are not current any more. */
  readonly versions: readonly { readonly key: string; readonly digest: string }[];
  /** What else the targets of objects with properties have. */
  readonly carried: ReadonlyMap<string, Carried>;
  /** Part files at the destination, of any version. */
  readonly partFiles: readonly string[];
  /** Faults that have happened, in all attempts. */
  readonly fired: Counts;
  /** What has happened at the store, in all attempts. */
  readonly events: readonly Event[];
  /** Keys of the uploads that are open at the destination. */
  readonly uploads: readonly string[];
}
