import type { Report } from '../../core/model/report.ts';
import type { Event } from './events.ts';
import type { Counts } from './fault-counter.ts';
import type { ResultsByKey } from './results.ts';
import type { Properties } from './scenario.ts';

export const failing = ['refused', 'changed', 'archived', 'conflict', 'failed', 'missing'] as const;
export type Failure = (typeof failing)[number] | 'copied' | 'vanished';

/** The properties of an object at the destination. */
export type CarriedProperties = Omit<Properties, 'storageClass'> & { readonly storageClass: string };

/** The end of an attempt: of the execution or one of its redrives. */
export interface Attempt {
  readonly status: string;
  readonly error: string | null;
  readonly cause: string | null;
  /** The number of requests of the functions and the engine. */
  readonly requests: number;
}

/** What is found after a run. */
export interface Found {
  readonly report: Report | undefined;
  readonly failures: readonly {
    readonly sourceKey: string;
    readonly target?: string | undefined;
    readonly status: Failure;
    readonly error?: string | undefined;
  }[];
  /** The results that the workers recorded for each planned object. */
  readonly results: ResultsByKey;
  /** SHA-256 of the objects at the destination, without part files. */
  readonly content: ReadonlyMap<string, string>;
  /** The same for every version, current or not. */
  readonly versions: readonly { readonly key: string; readonly digest: string }[];
  /** The properties of the targets of objects with properties. */
  readonly carried: ReadonlyMap<string, CarriedProperties>;
  /** Part files at the destination, in any version. */
  readonly partFiles: readonly string[];
  /** The faults that happened in all attempts. */
  readonly fired: Counts;
  /** The events at the store in all attempts. */
  readonly events: readonly Event[];
  /** The keys of open uploads at the destination. */
  readonly uploads: readonly string[];
}
