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
  const big = await LargeObject.find(input, workBucket, invocation);
  const groups = (await big.hasEnded()) ? 0 : await open(big);
  return { v: formatVersion, groups, strategy: big.context.run.copyRequest.strategy };
}

async function open(big: LargeObject): Promise<number> {
  const { refusal, isSample } = await big.denied();
  if (refusal !== undefined && !isSample) return ended(big, refusal);
  try {
    const source = await lookAtSource(big.context, big.planned);
    if (!isHead(source)) return await ended(big, source);
    const current: BatchedObject = { ...big.planned, ...withSource(big.planned, source) };
    if (current.etag !== big.planned.etag) await abandon(big.context, big.planned);
    const { parts } = (await chooseContext(big.context, current)).run;
    // One that became simple and is too large for this invocation goes the long way round, in parts.
    const isShort = objectKind(current, parts) === 'simple' && big.context.deadline.allowsCopy(current.size);
    if (isShort) return await ended(big, await copyObject(big.context, current));
    const published = await copyWith(nothing, big.context, current, { source: 0, destination: 0 });
    if (published !== 'later') return await ended(big, published);
    await big.open(current);
    return await groupsOf(big);
  } catch (error) {
    return ended(big, toFailedOutcome(error));
  }
}

/** Of an object that an earlier pass has published, the properties are all there is to do. */
const nothing: Copy = () => Promise.resolve('later');

/** What the groups of either strategy have in common is made before the first of them begins. */
async function groupsOf(big: LargeObject): Promise<number> {
  let groups = 0;
  await big.step(async (context, object) => {
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

async function ended(big: LargeObject, outcome: OutcomeOrLater): Promise<number> {
  await big.end(outcome);
  return 0;
}
