import type { PlannedObject } from '../model/batches.ts';
import { formatVersion, type PartGroupInput, type Remaining } from '../model/task-inputs.ts';
import { groupsFor, partsInGroup } from '../rules/part-layout.ts';
import type { CopyContext, Outcome } from '../run/copy-context.ts';
import type { WorkBucket } from '../run/open-run.ts';
import type { Invocation } from '../run/task.ts';
import { hasCode } from '../s3/failures.ts';
import { afterUpload, fill, findOrOpenUpload, recheckSource } from './complete-upload.ts';
import { prepareDirect } from './direct-job.ts';
import { LargeObject } from './large-object.ts';
import { isHead } from './resolve-conflict.ts';

/**
 * Opens the upload that the groups of a large object share. One of an earlier pass that is gone is opened anew, unless
 * its target is there.
 *
 * @returns how many groups there are, or how the object ended
 */
export async function openDirect(context: CopyContext, object: PlannedObject): Promise<number | Outcome> {
  const source = await recheckSource(context, object);
  if (!isHead(source)) return source;
  const multipart = await prepareDirect(context, object, source);
  const upload = await findOrOpenUpload(context, multipart, source);
  const { destination, limiter } = context;
  const target = { bucket: destination.bucket, key: object.target };
  try {
    await limiter.send(() =>
      destination.store.listParts(target, upload.value.uploadId, { first: 1, last: 1 }),
    );
  } catch (error) {
    if (!hasCode(error, 'NoSuchUpload')) throw error;
    const next = await afterUpload(context, multipart, source, upload);
    if ('outcome' in next) return next.outcome;
  }
  return groupsFor(multipart.parts.length);
}

/**
 * Copies one group of the parts of a large object into its upload. An upload that is gone is left to the last step,
 * which finds out why and copies what is missing.
 *
 * @returns 1 while parts remain, for which there was no time; 0 also when the object has ended
 */
export async function copyPartGroup(
  input: PartGroupInput,
  workBucket: WorkBucket,
  invocation: Invocation,
): Promise<Remaining> {
  const big = await LargeObject.find(input, workBucket, invocation);
  if (await big.hasEnded()) return { v: formatVersion, remaining: 0 };
  let remaining = 0;
  await big.step(async (context, object) => {
    const source = await recheckSource(context, object);
    if (!isHead(source)) return source;
    const multipart = await prepareDirect(context, object, source);
    const upload = await findOrOpenUpload(context, multipart, source);
    try {
      const copied = await fill(context, multipart, upload, partsInGroup(multipart.parts, input.group));
      remaining = copied === 'later' ? 1 : 0;
    } catch (error) {
      if (!hasCode(error, 'NoSuchUpload')) throw error;
    }
    return 'later';
  });
  return { v: formatVersion, remaining };
}
