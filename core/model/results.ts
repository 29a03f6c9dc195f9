import * as z from 'zod';
import type { BatchedObject } from './batches.ts';
import { Status, stronger } from './statuses.ts';

/** What proves a copy, best first. */
export const proofs = ['checksum', 'etag', 'part-md5s'] as const;

/** What a copy was compared by, best first. That the sizes are equal proves nothing. */
export const evidences = [...proofs, 'size'] as const;

/** The end of one object in one invocation: a line of a result segment. */
export const ObjectResult = z.strictObject({
  /** Line of the object in the order of the first pass, from 0. */
  line: z.int().nonnegative(),
  status: Status,
  /** What a `copied` object was compared by. */
  proof: z.enum(evidences).optional(),
  /** The checksum of the whole object at both ends, of one that it proved. */
  checksum: z.strictObject({ algorithm: z.string(), value: z.string() }).optional(),
  /**
   * ETag of the source version that the destination holds, of a `copied` object: S3 has made the one of the other, or
   * tells the same of both.
   */
  sourceEtag: z.string().optional(),
  /** ETag at the destination, when known. */
  etag: z.string().optional(),
  /** Version at the destination, where it has versions. */
  versionId: z.string().optional(),
  /** Bytes that were copied, when the source was not as large any more as the plan saw it. */
  size: z.int().nonnegative().optional(),
  /** Error name of S3 or ours, of an object that is not `copied`. */
  error: z.string().optional(),
  /** What happened, as text. */
  message: z.string().optional(),
  /** The cause may pass by itself: another pass attempts the object again. */
  passing: z.boolean().optional(),
});
export type ObjectResult = z.infer<typeof ObjectResult>;

/** The strongest result of each line. */
export function strongest(results: Iterable<ObjectResult>): Map<number, ObjectResult> {
  const byLine = new Map<number, ObjectResult>();
  for (const result of results) byLine.set(result.line, stronger(byLine.get(result.line), result));
  return byLine;
}

/** The objects of a batch that have no result yet: what an invocation, a duplicate or a later one has to do. */
export const withoutResult = (
  batch: readonly BatchedObject[],
  results: ReadonlyMap<number, ObjectResult>,
): BatchedObject[] => batch.filter(({ line }) => !results.has(line));

/** Which objects another pass attempts: those that failed for a passing reason, or have no result at all. */
export const mayBecomeBetter = (result: ObjectResult | undefined): boolean =>
  result === undefined || (result.status === 'failed' && result.passing === true);

/** Which objects a redrive attempts: all that are not where they should be. */
export const isUnfinished = (result: ObjectResult | undefined): boolean =>
  result === undefined || (result.status !== 'copied' && result.status !== 'vanished');
