import type { PlannedObject } from '../model/batches.ts';
import type { Job } from '../multipart/part-sources.ts';
import { cut } from '../multipart/source-layout.ts';
import { planParts } from '../rules/part-layout.ts';
import { type CopyContext, sourceOf } from '../run/copy-context.ts';
import type { ObjectHead } from '../s3/object-store.ts';

/** The copy of an object whose parts are ranges of the source itself: its bytes move once. */
export async function directJob(context: CopyContext, object: PlannedObject, head: ObjectHead): Promise<Job> {
  const made = await cut(context, object, head);
  const parts = planParts(object.size, made.layout.partSize);
  const from = { source: sourceOf(context, object), sourceEtag: object.etag };
  // A range may be named only of a source above 5 MiB; one part is all of it.
  const pieceOf: Job['pieceOf'] = (part) => (parts.length === 1 ? from : { ...from, range: part });
  return { object, cut: made, parts, pieceOf };
}
