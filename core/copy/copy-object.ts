import type { PlannedObject } from '../model/batches.ts';
import { chooseContext } from '../multipart/source-layout.ts';
import { objectKind } from '../rules/part-layout.ts';
import type { CopyContext, Outcome, OutcomeOrLater } from '../run/copy-context.ts';
import { SourceChangedError, toFailedOutcome } from '../run/object-errors.ts';
import { hasCode, hasStatus } from '../s3/failures.ts';
import type { ObjectHead } from '../s3/object-store.ts';
import { abandon, removeUnneededParts } from './clean-up.ts';
import { copyDirect } from './direct.ts';
import { type CopyMethod, findUnfinished, withProperties } from './properties-after.ts';
import {
  conflictOutcome,
  isHead,
  lookAtSource,
  type Resolution,
  resolveConflict,
} from './resolve-conflict.ts';
import { copySimple } from './simple.ts';
import { copyStaged } from './staged.ts';

/** How often S3 may refuse a condition for each end before that counts as the end of the object. */
export interface RetriesLeft {
  readonly source: number;
  readonly destination: number;
}

/** One way to copy an object, or one step of it. */
export type Copy = (context: CopyContext, object: PlannedObject) => Promise<OutcomeOrLater>;

/** Copies one object with all its questions. Whatever S3 says ends in an outcome of this object alone. */
export async function copyObject(context: CopyContext, planned: PlannedObject): Promise<OutcomeOrLater> {
  try {
    const object = await seenAtLast(context, planned);
    return 'status' in object
      ? object
      : await copyWith(copyOnce, context, object, { source: 1, destination: 1 });
  } catch (error) {
    return toFailedOutcome(error);
  }
}

/** The plan was not allowed to look at some listed files; the copy asks again. */
async function seenAtLast(context: CopyContext, object: PlannedObject): Promise<PlannedObject | Outcome> {
  if (object.etag !== '') return object;
  const source = await lookAtSource(context, object);
  return isHead(source) ? withSource(object, source) : source;
}

/**
 * Copies an object in the given way. If S3 refuses a condition, a second look at both ends decides what happens:
 *
 * | resolution    | what is true now                                      | what happens                               |
 * |---------------|-------------------------------------------------------|--------------------------------------------|
 * | `ended`       | copied already, vanished, or failed                   | its outcome                                |
 * | `changed`     | the source is another version                         | copy that version, once; then `changed`    |
 * | `overwritten` | the destination is gone, or may be replaced           | copy with the new condition, once          |
 * | `unsure`      | only the upload can show whether it made the target   | copy again, once                           |
 * | `conflict`    | another client's object is at the destination         | abort the uploads; the outcome `conflict`  |
 */
export async function copyWith(
  copy: Copy,
  context: CopyContext,
  object: PlannedObject,
  left: RetriesLeft,
): Promise<OutcomeOrLater> {
  try {
    const mayRepeat = left.destination > 0;
    const own = await chooseContext(context, object);
    const tried = await tryCopy(own, object, copy, mayRepeat);
    const answer = await completed(own, object, tried, mayRepeat);
    if (answer.kind === 'ended') return sized(object, answer.outcome);
    if (answer.kind === 'changed') {
      await abandon(context, object);
      if (left.source === 0) return changedAgain(object);
      const next = { ...left, source: left.source - 1 };
      return await copyWith(copy, context, withSource(object, answer.source), next);
    }
    if (answer.kind === 'conflict') {
      await abandon(context, object);
      return conflictOutcome(object);
    }
    const next = { ...left, destination: left.destination - 1 };
    const again = answer.kind === 'unsure' ? object : withDestination(object, answer.destination);
    return await copyWith(copy, context, again, next);
  } catch (error) {
    return toFailedOutcome(error);
  }
}

/** A source that was read again may have another size than the plan has. */
const sized = ({ size }: PlannedObject, outcome: OutcomeOrLater): OutcomeOrLater =>
  outcome !== 'later' && outcome.status === 'copied' ? { ...outcome, size } : outcome;

/** Ends and removes what was begun of an object that is vanished, or that was copied in another way than that. */
async function tidied(context: CopyContext, object: PlannedObject, answer: Resolution): Promise<Resolution> {
  if (answer.kind !== 'ended' || answer.outcome === 'later') return answer;
  const { status } = answer.outcome;
  if (status !== 'vanished' && status !== 'copied') return answer;
  await abandon(context, object);
  return { kind: 'ended', outcome: await removeUnneededParts(context, object, answer.outcome) };
}

/** One try, and what is true if S3 refused it. */
async function tryCopy(
  context: CopyContext,
  object: PlannedObject,
  copy: Copy,
  mayRepeat: boolean,
): Promise<Resolution> {
  try {
    const before = await findUnfinished(context, object, wayOf(context, object));
    const answer = { kind: 'ended', outcome: before ?? (await copy(context, object)) } as const;
    const isVanished = answer.outcome !== 'later' && answer.outcome.status === 'vanished';
    const mayLeave = isVanished || wayOf(context, object) === 'copy';
    return mayLeave ? await tidied(context, object, answer) : answer;
  } catch (error) {
    const isRefusal = hasStatus(error, 404, 409, 412) && !hasCode(error, 'NoSuchBucket');
    if (!(error instanceof SourceChangedError) && !isRefusal) throw error;
    return tidied(context, object, await resolveConflict(context, object, mayRepeat));
  }
}

/** An answer that ends an object as copied has all its properties too. */
async function completed(
  context: CopyContext,
  object: PlannedObject,
  answer: Resolution,
  mayRepeat: boolean,
): Promise<Resolution> {
  if (answer.kind !== 'ended') return answer;
  try {
    const outcome = await withProperties(context, object, wayOf(context, object), answer.outcome);
    return { kind: 'ended', outcome };
  } catch (error) {
    if (!(error instanceof SourceChangedError)) throw error;
    const now = await resolveConflict(context, object, mayRepeat);
    if (now.kind !== 'ended' || now.outcome === 'later' || now.outcome.status !== 'copied') return now;
    // It changed, and is what it was again.
    const { name, message } = error;
    return { kind: 'ended', outcome: { status: 'failed', error: name, message, passing: true } };
  }
}

/** How the bytes of an object come to its target. */
const wayOf = ({ run }: CopyContext, object: PlannedObject): CopyMethod =>
  objectKind(object, run.parts) === 'simple' ? 'copy' : 'upload';

const copyOnce: Copy = (context, object) => {
  if (wayOf(context, object) === 'copy') return copySimple(context, object);
  const { strategy } = context.run.copyRequest;
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

const changedAgain = ({ key }: PlannedObject): OutcomeOrLater => ({
  status: 'changed',
  message: `${key} changed in the source while it was copied, and again after it was read once more`,
});
