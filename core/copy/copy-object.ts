import type { PlannedObject } from '../model/batches.ts';
import { contextFor } from '../multipart/source-layout.ts';
import { kindOf } from '../rules/part-layout.ts';
import type { CopyContext, Ended, Outcome } from '../run/copy-context.ts';
import { failureOf, SourceChanged } from '../run/object-errors.ts';
import { hasCode, hasStatus } from '../s3/failures.ts';
import type { ObjectHead } from '../s3/object-store.ts';
import { abandon } from './abandon.ts';
import { removeNeedless } from './after-staging.ts';
import { copyDirect } from './copy-direct.ts';
import { copyStaged } from './copy-staged.ts';
import { publishedWithout, type Way, withProperties } from './properties-after.ts';
import { type Answer, ask, conflictOf, isHead, lookAtSource } from './resolve-conflict.ts';
import { copySimple } from './simple.ts';

/** How often S3 may refuse a condition for each end before that counts as the end of the object. */
export interface Refusals {
  readonly source: number;
  readonly destination: number;
}

/** One way to copy an object, or one step of it. */
export type Copy = (context: CopyContext, object: PlannedObject) => Promise<Outcome>;

/** Copies one object with all its questions. Whatever S3 says ends in an outcome of this object alone. */
export async function copyObject(context: CopyContext, planned: PlannedObject): Promise<Outcome> {
  try {
    const object = await seenAtLast(context, planned);
    return 'status' in object
      ? object
      : await copyWith(copyOnce, context, object, { source: 1, destination: 1 });
  } catch (error) {
    return failureOf(error);
  }
}

/** The plan was not allowed to look at some listed files; the copy asks again. */
async function seenAtLast(context: CopyContext, object: PlannedObject): Promise<PlannedObject | Ended> {
  if (object.etag !== '') return object;
  const source = await lookAtSource(context, object);
  return isHead(source) ? withSource(object, source) : source;
}

/** Copies an object in the given way, and again as long as S3's refusals are answered by a second look. */
export async function copyWith(
  copy: Copy,
  context: CopyContext,
  object: PlannedObject,
  left: Refusals,
): Promise<Outcome> {
  try {
    const mayRepeat = left.destination > 0;
    const own = await contextFor(context, object);
    const tried = await tryCopy(own, object, copy, mayRepeat);
    const answer = await completed(own, object, tried, mayRepeat);
    if (answer.is === 'ended') return sized(object, answer.outcome);
    if (answer.is === 'changed') {
      await abandon(context, object);
      if (left.source === 0) return changedAgain(object);
      const next = { ...left, source: left.source - 1 };
      return await copyWith(copy, context, withSource(object, answer.source), next);
    }
    if (answer.is === 'conflict') {
      await abandon(context, object);
      return conflictOf(object);
    }
    const next = { ...left, destination: left.destination - 1 };
    const again = answer.is === 'unsure' ? object : withDestination(object, answer.destination);
    return await copyWith(copy, context, again, next);
  } catch (error) {
    return failureOf(error);
  }
}

/** A source that was read anew may be of another size than the plan's. */
const sized = ({ size }: PlannedObject, outcome: Outcome): Outcome =>
  outcome !== 'later' && outcome.status === 'copied' ? { ...outcome, size } : outcome;

/** Ends and removes what was begun of an object that is vanished, or that was copied in another way than that. */
async function tidied(context: CopyContext, object: PlannedObject, answer: Answer): Promise<Answer> {
  if (answer.is !== 'ended' || answer.outcome === 'later') return answer;
  const { status } = answer.outcome;
  if (status !== 'vanished' && status !== 'copied') return answer;
  await abandon(context, object);
  return { is: 'ended', outcome: await removeNeedless(context, object, answer.outcome) };
}

/** One try, and what is true if S3 refused it. */
async function tryCopy(
  context: CopyContext,
  object: PlannedObject,
  copy: Copy,
  mayRepeat: boolean,
): Promise<Answer> {
  try {
    const before = await publishedWithout(context, object, wayOf(context, object));
    const answer = { is: 'ended', outcome: before ?? (await copy(context, object)) } as const;
    const isVanished = answer.outcome !== 'later' && answer.outcome.status === 'vanished';
    const mayLeave = isVanished || wayOf(context, object) === 'copy';
    return mayLeave ? await tidied(context, object, answer) : answer;
  } catch (error) {
    const isRefusal = hasStatus(error, 404, 409, 412) && !hasCode(error, 'NoSuchBucket');
    if (!(error instanceof SourceChanged) && !isRefusal) throw error;
    return tidied(context, object, await ask(context, object, mayRepeat));
  }
}

/** An answer that ends an object as copied has all its properties too. */
async function completed(
  context: CopyContext,
  object: PlannedObject,
  answer: Answer,
  mayRepeat: boolean,
): Promise<Answer> {
  if (answer.is !== 'ended') return answer;
  try {
    const outcome = await withProperties(context, object, wayOf(context, object), answer.outcome);
    return { is: 'ended', outcome };
  } catch (error) {
    if (!(error instanceof SourceChanged)) throw error;
    const now = await ask(context, object, mayRepeat);
    if (now.is !== 'ended' || now.outcome === 'later' || now.outcome.status !== 'copied') return now;
    // It changed, and is what it was again.
    const { name, message } = error;
    return { is: 'ended', outcome: { status: 'failed', error: name, message, passing: true } };
  }
}

/** How the bytes of an object come to its target. */
const wayOf = ({ run }: CopyContext, object: PlannedObject): Way =>
  kindOf(object, run.parts) === 'simple' ? 'copy' : 'upload';

const copyOnce: Copy = (context, object) => {
  if (wayOf(context, object) === 'copy') return copySimple(context, object);
  const { strategy } = context.run.request;
  return strategy === 'direct' ? copyDirect(context, object) : copyStaged(context, object);
};

/** The object as the source has it now. */
export const withSource = (object: PlannedObject, { etag, size, checksums }: ObjectHead): PlannedObject => ({
  ...object,
  etag,
  size,
  checksums: [...checksums],
});

const withDestination = (object: PlannedObject, destination: ObjectHead | undefined): PlannedObject => {
  const { seen: _, ...rest } = object;
  return destination === undefined ? rest : { ...rest, seen: destination.etag };
};

const changedAgain = ({ key }: PlannedObject): Outcome => ({
  status: 'changed',
  message: `${key} changed in the source while it was copied, and again when it was read anew`,
});
