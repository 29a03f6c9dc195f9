import { adviceToAdd } from '../access/iam-actions.ts';
import type { PlannedObject } from '../model/batches.ts';
import type { ObjectErrorName } from '../model/errors.ts';
import type { Listed } from '../model/listed.ts';
import { compareWhole } from '../rules/checksums.ts';
import { compareObjects } from '../rules/compare.ts';
import { hashes } from '../rules/hashes.ts';
import { objectKind } from '../rules/part-layout.ts';
import {
  type CopyContext,
  type Outcome,
  type OutcomeOrLater,
  sourceAddress,
  targetAddress,
} from '../run/copy-context.ts';
import { absentIfDenied } from '../s3/absent-if-denied.ts';
import { hasCode, hasStatus } from '../s3/failures.ts';
import type { ObjectHead, Written } from '../s3/object-store.ts';
import { proveByProbe } from './probe-copy.ts';

/** What is true at both ends after S3 refused a condition. */
export type Resolution =
  | { readonly kind: 'ended'; readonly outcome: OutcomeOrLater }
  | { readonly kind: 'changed'; readonly source: ObjectHead }
  | { readonly kind: 'overwritten'; readonly destination: ObjectHead | undefined }
  | { readonly kind: 'unsure' }
  | { readonly kind: 'conflict' };

const ended = (outcome: OutcomeOrLater): Resolution => ({ kind: 'ended', outcome });

/** The source as it is now, or the end of the object: never `vanished` without a 404 on the source itself. */
export async function lookAtSource(
  context: CopyContext,
  object: PlannedObject,
): Promise<ObjectHead | Outcome> {
  try {
    const head = await context.limiter.send(() =>
      context.run.source.store.head(sourceAddress(context, object)),
    );
    return head ?? (await gone(context, object));
  } catch (error) {
    if (object.versionId !== undefined && hasStatus(error, 405)) return markerOf(object);
    if (!hasStatus(error, 403)) throw error;
    const message =
      `${object.key}: S3 does not say whether it is missing or denied (${(error as Error).message})` +
      adviceToAdd(['ReadSource', 'UseSourceKeys', 'ListSource']);
    return { status: 'failed', error: 'NotFoundOrDenied' satisfies ObjectErrorName, message, passing: false };
  }
}

/** The outcome for a named version that is a delete marker, which the plan was not allowed to see. */
const markerOf = ({ key, versionId }: PlannedObject): Outcome => ({
  status: 'failed',
  error: 'DeleteMarker' satisfies ObjectErrorName,
  message: `version ${versionId} of ${key} is a delete marker and cannot be copied: name another version`,
  passing: false,
});

/** An object of a bucket that is gone has not vanished: nothing is known of it. */
async function gone({ run, limiter }: CopyContext, { key, versionId }: PlannedObject): Promise<Outcome> {
  const { bucket, store } = run.source;
  try {
    await limiter.send(() => store.headBucket(bucket));
  } catch (error) {
    // S3 answered 404 for the key, although it denies to look at the bucket.
    if (!hasStatus(error, 403)) throw error;
  }
  const what = versionId === undefined ? key : `version ${versionId} of ${key}`;
  return { status: 'vanished', message: `${what} is gone from the source` };
}

/** Whether what `lookAtSource` gave is the source. */
export const isHead = (found: ObjectHead | Outcome): found is ObjectHead => 'headers' in found;

/**
 * Finds out why S3 refused a conditional copy: the source is gone or changed, the destination already is this
 * source (from our own first attempt or from another run), or another client wrote it. Only what is proven counts as copied.
 *
 * @param mayRepeat whether the copy may be tried again, on the condition of what is there now
 */
export async function resolveConflict(
  context: CopyContext,
  object: PlannedObject,
  mayRepeat: boolean,
): Promise<Resolution> {
  const source = await lookAtSource(context, object);
  if (!isHead(source)) return ended(source);
  if (source.etag !== object.etag) return { kind: 'changed', source };
  const { store } = context.destination;
  const destination = await absentIfDenied(() =>
    context.limiter.send(() => store.head(targetAddress(context, object))),
  );
  if (destination === undefined)
    return mayRepeat ? { kind: 'overwritten', destination } : { kind: 'conflict' };
  const proof = compareHeads(source, destination);
  if (proof !== undefined) return ended({ status: 'copied', ...proof, ...targetFields(object, destination) });
  if (mayRepeat && wouldReplace(context, source, destination)) return { kind: 'overwritten', destination };
  return proveConflict(context, object, destination, mayRepeat);
}

/** Whether a plan of now would copy the object. */
function wouldReplace({ run }: CopyContext, source: ObjectHead, destination: ObjectHead): boolean {
  const { compare, overwrite } = run.copyRequest;
  if (overwrite === 'never') return false;
  const evidence = { heads: { source, destination }, partFiles: false };
  return compareObjects(compare, listed(source), listed(destination), evidence, hashes).action === 'copy';
}

/** Decides whether the object that may not be replaced is this source or another client's. */
async function proveConflict(
  context: CopyContext,
  object: PlannedObject,
  destination: ObjectHead,
  mayRepeat: boolean,
): Promise<Resolution> {
  // Only the upload of a multipart object knows what its target would be, and looks when it is refused.
  if (objectKind(object, context.run.parts) !== 'simple')
    return mayRepeat ? { kind: 'unsure' } : { kind: 'conflict' };
  try {
    const proof = await tryAgain(() => proveByProbe(context, object, destination));
    if (proof === undefined) return { kind: 'conflict' };
    if (proof === 'later') return ended(proof);
    return ended({ status: 'copied', ...proof, ...targetFields(object, destination) });
  } catch (error) {
    if (!hasStatus(error, 404, 412) || hasCode(error, 'NoSuchUpload')) throw error;
    const source = await lookAtSource(context, object);
    if (!isHead(source)) return ended(source);
    return source.etag === object.etag ? { kind: 'conflict' } : { kind: 'changed', source };
  }
}

/** Another invocation that finds a probe may take it for one that was lost, and end its upload. */
async function tryAgain<T>(work: () => Promise<T>, tries = 3): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!hasCode(error, 'NoSuchUpload') || tries === 1) throw error;
    return tryAgain(work, tries - 1);
  }
}

/** The fields of an outcome whose target is known to be this version of the source. */
export const targetFields = (
  { etag: sourceEtag }: PlannedObject,
  { etag, versionId }: Pick<Written, 'etag' | 'versionId'>,
): Pick<Outcome, 'sourceEtag' | 'etag' | 'versionId'> => ({
  sourceEtag,
  etag,
  ...(versionId === undefined ? {} : { versionId }),
});

/** The outcome when the destination was written since the plan, by another client or from another version. */
export const conflictOutcome = ({ target }: PlannedObject): Outcome => ({
  status: 'conflict',
  message: `${target} was written at the destination since the plan, and is not this version of the source`,
});

/** What proves that the destination has the source's bytes, as far as the ladder of evidence can without part files. */
export function compareHeads(
  source: ObjectHead,
  destination: ObjectHead,
): Pick<Outcome, 'proof' | 'checksum'> | undefined {
  const evidence = { heads: { source, destination }, partFiles: false };
  const decision = compareObjects('content', listed(source), listed(destination), evidence, hashes);
  if (decision.action !== 'same') return undefined;
  if (decision.reason === 'etag') return { proof: 'etag' };
  if (decision.reason !== 'checksum') return undefined;
  const common = compareWhole(source.checksums, destination.checksums);
  if (common === undefined) return { proof: 'checksum' };
  return { proof: 'checksum', checksum: { algorithm: common.algorithm, value: common.value } };
}

const listed = (head: ObjectHead): Listed => ({
  ...head,
  checksumAlgorithms: head.checksums.map(({ algorithm }) => algorithm),
});
