import type { PlannedObject } from '../model/batches.ts';
import { CopyError } from '../model/errors.ts';
import type { PartLayout } from '../model/part-files.ts';
import type { ObjectResult } from '../model/results.ts';
import type { Deadline } from '../rules/deadline.ts';
import type { Address, WriteCondition } from '../s3/object-store.ts';
import type { VersionAddress } from '../s3/property-store.ts';
import type { RequestLimiter } from '../s3/request-limiter.ts';
import type { Destination, Run } from './open-run.ts';

/** What copying an object needs. */
export interface CopyContext {
  readonly run: Run;
  readonly destination: Destination;
  readonly limiter: RequestLimiter;
  readonly deadline: Deadline;
  /** The parts of one object, where they had to be known to choose how it is copied. */
  readonly known?: { readonly object: PlannedObject; readonly cut: PartLayout };
}

/** How the copy of one object ended. */
export type Outcome = Omit<ObjectResult, 'line'>;

/** How the copy of one object ended, or `later` when there was not time enough to begin or end it. */
export type OutcomeOrLater = Outcome | 'later';

/** The context of a run that copies. */
export function copyContext(run: Run, limiter: RequestLimiter, deadline: Deadline): CopyContext {
  if (run.destination === undefined) throw new CopyError('InvalidRequestError', 'dest: is required to copy');
  return { run, destination: run.destination, limiter, deadline };
}

/**
 * Sends a request that copies bytes, if it can still end in time when its turn comes.
 *
 * @param bytes what it copies
 */
export const copyInTime = <T>(
  { limiter, deadline }: CopyContext,
  bytes: number,
  send: () => Promise<T>,
): Promise<T | 'later'> =>
  limiter.send(async () => (deadline.allowsCopy(bytes) ? await send() : ('later' as const)));

/** Where a planned object comes from. */
export const sourceAddress = ({ run }: CopyContext, { key, versionId }: PlannedObject): VersionAddress => ({
  bucket: run.source.bucket,
  key,
  ...(versionId === undefined ? {} : { versionId }),
});

/** Where a planned object goes to. */
export const targetAddress = ({ destination }: CopyContext, { target }: PlannedObject): Address => ({
  bucket: destination.bucket,
  key: target,
});

/** What S3 must find at the destination, so that nothing is overwritten which the plan did not see. */
export function writeCondition({ run }: CopyContext, { seen }: PlannedObject): WriteCondition {
  if (run.copyRequest.overwrite === 'always') return {};
  return seen === undefined ? { ifAbsent: true } : { ifMatch: seen };
}
