import type { PlannedObject } from '../model/batches.ts';
import type { MultipartCopy } from '../multipart/part-sources.ts';
import { choosePartLayout } from '../multipart/source-layout.ts';
import { planParts } from '../rules/part-layout.ts';
import { type CopyContext, sourceAddress } from '../run/copy-context.ts';
import type { ObjectHead } from '../s3/object-store.ts';

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
