import type { PlannedObject } from '../model/batches.ts';
import type { MultipartCopy } from '../multipart/part-sources.ts';
import { choosePartLayout } from '../multipart/source-layout.ts';
import { groupsFor, planParts } from '../rules/part-layout.ts';
import { type CopyContext, type Outcome, type OutcomeOrLater, sourceAddress } from '../run/copy-context.ts';
import { hasCode } from '../s3/failures.ts';
import type { ObjectHead } from '../s3/object-store.ts';
import { afterUpload, findOrOpenUpload, publish, recheckSource } from './complete-upload.ts';
import { isHead } from './resolve-conflict.ts';

/** Copies a multipart object in one invocation. A later invocation continues from the parts that the upload has. */
export async function copyDirect(context: CopyContext, object: PlannedObject): Promise<OutcomeOrLater> {
  const source = await recheckSource(context, object);
  if (!isHead(source)) return source;
  return publish(context, await prepareDirect(context, object, source), source);
}

/** The copy of an object whose parts are ranges of the source itself: its bytes move once. */
export async function prepareDirect(
  context: CopyContext,
  object: PlannedObject,
  head: ObjectHead,
): Promise<MultipartCopy> {
  const made = await choosePartLayout(context, object, head);
  const parts = planParts(object.size, made.layout.partSize);
  const from = { source: sourceAddress(context, object), sourceEtag: object.etag };
  // A range may be named only of a source above 5 MiB; one part is all of it.
  const findPartSource: MultipartCopy['findPartSource'] = (part) =>
    parts.length === 1 ? from : { ...from, range: part };
  return { object, layout: made, parts, findPartSource };
}

/**
 * Opens the upload that the part groups of a large object share. If the upload of an earlier pass is gone and its
 * target does not exist, opens another one.
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
