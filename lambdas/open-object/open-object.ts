import { abandon, findPublished } from '../../core/copy/clean-up.ts';
import { type Copy, copyObject, copyWith, withSource } from '../../core/copy/copy-object.ts';
import { openDirect } from '../../core/copy/direct.ts';
import { LargeObject } from '../../core/copy/large-object.ts';
import { isHead, lookAtSource } from '../../core/copy/resolve-conflict.ts';
import type { BatchedObject, PlannedObject } from '../../core/model/batches.ts';
import { type BatchInput, formatVersion, type OpenOutput } from '../../core/model/task-inputs.ts';
import { chooseContext } from '../../core/multipart/source-layout.ts';
import { openStaging } from '../../core/multipart/staging.ts';
import { groupsFor, objectKind } from '../../core/rules/part-layout.ts';
import type { CopyContext, OutcomeOrLater } from '../../core/run/copy-context.ts';
import { toFailedOutcome } from '../../core/run/object-errors.ts';
import type { WorkBucket } from '../../core/run/open-run.ts';
import type { Invocation } from '../../core/run/task.ts';

/**
 * Fixes which version of a large object is copied, and claims the folder of its part files or opens its upload.
 *
 * @returns the number of part groups; 0 when the object has ended, or waits for another pass
 */
export async function openObject(
  input: BatchInput,
  workBucket: WorkBucket,
  invocation: Invocation,
): Promise<OpenOutput> {
  const large = await LargeObject.find(input, workBucket, invocation);
  const groups = (await large.hasEnded()) ? 0 : await open(large);
  return { v: formatVersion, groups, strategy: large.context.run.copyRequest.strategy };
}

async function open(large: LargeObject): Promise<number> {
  const { refusal, isSample } = await large.denied();
  if (refusal !== undefined && !isSample) return ended(large, refusal);
  try {
    const source = await lookAtSource(large.context, large.planned);
    if (!isHead(source)) return await ended(large, source);
    const current: BatchedObject = { ...large.planned, ...withSource(large.planned, source) };
    if (current.etag !== large.planned.etag) await abandon(large.context, large.planned);
    const { parts } = (await chooseContext(large.context, current)).run;
    // One that became simple and is too large for this invocation goes the long way round, in parts.
    const isShort =
      objectKind(current, parts) === 'simple' && large.context.deadline.allowsCopy(current.size);
    if (isShort) return await ended(large, await copyObject(large.context, current));
    const published = await copyWith(nothing, large.context, current, { source: 0, destination: 0 });
    if (published !== 'later') return await ended(large, published);
    await large.open(current);
    return await groupsOf(large);
  } catch (error) {
    return ended(large, toFailedOutcome(error));
  }
}

/** Of an object that an earlier pass has published, the properties are all there is to do. */
const nothing: Copy = () => Promise.resolve('later');

/** What the groups of either strategy have in common is made before the first of them begins. */
async function groupsOf(large: LargeObject): Promise<number> {
  let groups = 0;
  await large.step(async (context, object) => {
    const made =
      context.run.copyRequest.strategy === 'direct'
        ? await openDirect(context, object)
        : await openStaged(context, object);
    if (typeof made !== 'number') return made;
    groups = made;
    return 'later';
  });
  return groups;
}

async function openStaged(context: CopyContext, object: PlannedObject): Promise<number | OutcomeOrLater> {
  const before = await findPublished(context, object);
  return before ?? groupsFor((await openStaging(context, object)).parts.length);
}

async function ended(large: LargeObject, outcome: OutcomeOrLater): Promise<number> {
  await large.end(outcome);
  return 0;
}
