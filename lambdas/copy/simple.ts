import { isPlain, isSameAsOnePart } from '../core/etags.ts';
import type { PlannedObject } from '../core/orders.ts';
import { hashes } from '../shared/hashes.ts';
import { type CopyContext, conditionOf, copyInTime, type Outcome, sourceOf, targetOf } from './context.ts';
import { writing } from './denials.ts';
import { SourceChanged } from './failure.ts';
import { copyProperties, needsHead } from './properties.ts';
import { isHead, lookAtSource, publishedAs } from './questions.ts';

/**
 * Copies an object of at most 5 GiB by one CopyObject, on the conditions that the source still is what the plan
 * saw, and the destination too.
 *
 * @throws {S3Failure} also when a condition is refused
 */
export async function copySimple(context: CopyContext, object: PlannedObject): Promise<Outcome> {
  const { store } = context.destination;
  const head = needsHead(context) ? await lookAtSource(context, object) : undefined;
  if (head !== undefined && !isHead(head)) return head;
  if (head !== undefined && head.etag !== object.etag)
    throw new SourceChanged(`${object.key} changed in the source`);
  const properties = await copyProperties(context, object, head);
  const written = await writing(context, object, properties, () =>
    copyInTime(context, object.size, () =>
      store.copy(
        sourceOf(context, object),
        object.etag,
        targetOf(context, object),
        conditionOf(context, object),
        properties,
      ),
    ),
  );
  if (written === 'later') return 'later';
  return { status: 'copied', proof: proofOf(object.etag, written.etag), ...publishedAs(written) };
}

/** Equal plain ETags are equal MD5s. Of any other source S3 vouches for the one version that it copied whole. */
const proofOf = (source: string, copied: string): 'etag' | 'size' => {
  const isEqual = isPlain(copied) && (source === copied || isSameAsOnePart(source, copied, hashes));
  return isEqual ? 'etag' : 'size';
};
