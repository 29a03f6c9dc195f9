import { adviceToAdd } from '../access/iam-actions.ts';
import type { PlannedObject } from '../model/batches.ts';
import type { Listed } from '../model/listed.ts';
import { compareWhole } from '../rules/checksums.ts';
import { decide } from '../rules/compare.ts';
import { hashes } from '../rules/hashes.ts';
import { kindOf } from '../rules/part-layout.ts';
import { type CopyContext, type Ended, type Outcome, sourceOf, targetOf } from '../run/copy-context.ts';
import { absentIfDenied } from '../s3/absent-if-denied.ts';
import { hasCode, hasStatus } from '../s3/failures.ts';
import type { ObjectHead, Written } from '../s3/object-store.ts';
import { proveByTrial } from './probe-copy.ts';

/** What is true at both ends after S3 refused a condition. */
export type Answer =
  | { readonly is: 'ended'; readonly outcome: Outcome }
  | { readonly is: 'changed'; readonly source: ObjectHead }
  | { readonly is: 'overwritten'; readonly destination: ObjectHead | undefined }
  | { readonly is: 'unsure' }
  | { readonly is: 'conflict' };

const ended = (outcome: Outcome): Answer => ({ is: 'ended', outcome });

/** The source as it is now, or the end of the object: never `vanished` without a 404 on the source itself. */
export async function lookAtSource(context: CopyContext, object: PlannedObject): Promise<ObjectHead | Ended> {
  try {
    const head = await context.requests.send(() => context.run.source.store.head(sourceOf(context, object)));
    return head ?? (await gone(context, object));
  } catch (error) {
    if (object.versionId !== undefined && hasStatus(error, 405)) return markerOf(object);
    if (!hasStatus(error, 403)) throw error;
    const message =
      `${object.key}: S3 does not say whether it is missing or denied (${(error as Error).message})` +
      adviceToAdd(['ReadSource', 'UseSourceKeys', 'ListSource']);
    return { status: 'failed', error: 'NotFoundOrDenied', message, passing: false };
  }
}

/** The plan was not allowed to see that the version is no object. */
const markerOf = ({ key, versionId }: PlannedObject): Ended => ({
  status: 'failed',
  error: 'DeleteMarker',
  message: `version ${versionId} of ${key} is a delete marker, which is no object: name another version`,
  passing: false,
});

/** An object of a bucket that is gone has not vanished: nothing is known of it. */
async function gone({ run, requests }: CopyContext, { key, versionId }: PlannedObject): Promise<Ended> {
  const { bucket, store } = run.source;
  try {
    await requests.send(() => store.headBucket(bucket));
  } catch (error) {
    // Who may not look at the bucket was told of the key by S3 all the same.
    if (!hasStatus(error, 403)) throw error;
  }
  const what = versionId === undefined ? key : `version ${versionId} of ${key}`;
  return { status: 'vanished', message: `${what} is gone from the source` };
}

/** Whether what `lookAtSource` gave is the source. */
export const isHead = (found: ObjectHead | Ended): found is ObjectHead => 'headers' in found;

/**
 * Finds out why S3 refused a conditional copy: the source is gone or changed, the destination already is this
 * source (our own first attempt, or another run's), or somebody else wrote it. Only what is proven counts as copied.
 *
 * @param mayRepeat whether the copy may be tried again, on the condition of what is there now
 */
export async function ask(context: CopyContext, object: PlannedObject, mayRepeat: boolean): Promise<Answer> {
  const source = await lookAtSource(context, object);
  if (!isHead(source)) return ended(source);
  if (source.etag !== object.etag) return { is: 'changed', source };
  const { store } = context.destination;
  const destination = await absentIfDenied(() =>
    context.requests.send(() => store.head(targetOf(context, object))),
  );
  if (destination === undefined) return mayRepeat ? { is: 'overwritten', destination } : { is: 'conflict' };
  const proof = proofOfSame(source, destination);
  if (proof !== undefined) return ended({ status: 'copied', ...proof, ...publishedAs(object, destination) });
  if (mayRepeat && wouldReplace(context, source, destination)) return { is: 'overwritten', destination };
  return askByTrial(context, object, destination, mayRepeat);
}

/** Whether a plan of now would copy the object. */
function wouldReplace({ run }: CopyContext, source: ObjectHead, destination: ObjectHead): boolean {
  const { compare, overwrite } = run.request;
  if (overwrite === 'never') return false;
  const evidence = { heads: { source, destination }, partFiles: false };
  return decide(compare, listed(source), listed(destination), evidence, hashes).action === 'copy';
}

/** What is there and may not be replaced is this source, or somebody else's. */
async function askByTrial(
  context: CopyContext,
  object: PlannedObject,
  destination: ObjectHead,
  mayRepeat: boolean,
): Promise<Answer> {
  // Only the upload of a multipart object knows what its target would be, and looks when it is refused.
  if (kindOf(object, context.run.parts) !== 'simple')
    return mayRepeat ? { is: 'unsure' } : { is: 'conflict' };
  try {
    const proof = await tryAgain(() => proveByTrial(context, object, destination));
    if (proof === undefined) return { is: 'conflict' };
    if (proof === 'later') return ended(proof);
    return ended({ status: 'copied', ...proof, ...publishedAs(object, destination) });
  } catch (error) {
    if (!hasStatus(error, 404, 412) || hasCode(error, 'NoSuchUpload')) throw error;
    const source = await lookAtSource(context, object);
    if (!isHead(source)) return ended(source);
    return source.etag === object.etag ? { is: 'conflict' } : { is: 'changed', source };
  }
}

/** Another invocation that finds a trial may take it for one that was lost, and end its upload. */
async function tryAgain<T>(work: () => Promise<T>, tries = 3): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!hasCode(error, 'NoSuchUpload') || tries === 1) throw error;
    return tryAgain(work, tries - 1);
  }
}

/** What S3 tells of an object that is there, and is known to be this version of its source. */
export const publishedAs = (
  { etag: sourceEtag }: PlannedObject,
  { etag, versionId }: Pick<Written, 'etag' | 'versionId'>,
): Pick<Ended, 'sourceEtag' | 'etag' | 'versionId'> => ({
  sourceEtag,
  etag,
  ...(versionId === undefined ? {} : { versionId }),
});

/** The end of an object whose destination was written since the plan: by somebody else, or from another version. */
export const conflictOf = ({ target }: PlannedObject): Ended => ({
  status: 'conflict',
  message: `${target} was written at the destination since the plan, and is not this version of the source`,
});

/** What proves that the destination has the source's bytes, as far as the ladder of evidence can without part files. */
export function proofOfSame(
  source: ObjectHead,
  destination: ObjectHead,
): Pick<Ended, 'proof' | 'checksum'> | undefined {
  const evidence = { heads: { source, destination }, partFiles: false };
  const decision = decide('content', listed(source), listed(destination), evidence, hashes);
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
