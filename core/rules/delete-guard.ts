import * as z from 'zod';
import type { CopyRequest } from '../model/copy-request.ts';
import type { PlanCounts } from '../model/plan.ts';

const Count = z.int().nonnegative();

/** The progress of the deletes of a run, after one pass. */
export const Deletes = z.strictObject({
  v: z.literal(1),
  /** `guarded`: too much would be deleted. `held`: the run has failures. Nothing was deleted then. */
  state: z.enum(['deleting', 'done', 'guarded', 'held']),
  /** Current file of the plan. */
  file: Count,
  /** Its lines that are done. */
  line: Count,
  deleted: Count,
  /** Keys that another client wrote, or that the source has, since the listing. */
  kept: Count,
  /** S3 refused to delete them. */
  undeleted: Count,
});
export type Deletes = z.infer<typeof Deletes>;

/** Nothing is deleted yet. */
export const noDeletes: Deletes = {
  v: 1,
  state: 'deleting',
  file: 0,
  line: 0,
  deleted: 0,
  kept: 0,
  undeleted: 0,
};

/** So few may go whatever share of the destination they are. */
const alwaysAllowed = 10;

/**
 * Why the destination keys that the source lacks must not be deleted.
 *
 * @returns undefined when they may
 */
export function deleteGuard(
  { count, percent }: CopyRequest['maxDelete'],
  { listed, extra, inScope }: Pick<PlanCounts, 'listed' | 'extra' | 'inScope'>,
): string | undefined {
  const { objects } = extra;
  if (objects === 0) return undefined;
  const what = `${objects} of ${inScope} destination keys in scope would be deleted`;
  if (listed === 0) return `${what}, since the source lists no key at all`;
  if (objects > count) return `${what}, more than \`maxDelete.count: ${count}\``;
  if (objects > alwaysAllowed && objects * 100 > inScope * percent) {
    return `${what}, more than \`maxDelete.percent: ${percent}\``;
  }
  return undefined;
}

/** What a reader of XML 1.0 may refuse or change: control characters, other ends of lines, blanks at the ends. */
const unsafeInXml = /[\p{Cc}\u2028\u2029\ufffe\uffff]|^\s|\s$/u;

/**
 * Whether a key arrives unchanged in an XML document, however that is read. Others are named in a URL.
 *
 * @see https://www.w3.org/TR/xml/#charsets (read 2026-11-22)
 */
export const fitsXml = (key: string): boolean => !unsafeInXml.test(key);
