import type { Decision, PlanCounts } from '../model/plan.ts';
import { plusOne } from '../model/statuses.ts';
import { countPlannedParts, type PartRule } from './part-layout.ts';

/**
 * Counts one verdict more.
 *
 * @param rule how the run sizes the parts of copies
 */
export function count(counts: PlanCounts, verdict: Decision, rule: PartRule): PlanCounts {
  if (verdict.action === 'protected') return counts;
  if (verdict.action === 'missing') {
    const returns = verdict.key.endsWith('\r') ? 1 : 0;
    return {
      ...counts,
      missing: counts.missing + 1,
      missingReturns: counts.missingReturns + returns,
    };
  }
  if (verdict.action === 'extra') return { ...counts, extra: plusOne(counts.extra, verdict.size) };
  const field = verdict.action === 'copy' ? 'planned' : verdict.action;
  const byReason = {
    ...counts[field],
    [verdict.reason]: plusOne(counts[field][verdict.reason], verdict.size),
  };
  if (verdict.action !== 'copy') return { ...counts, [field]: byReason };
  const maps = { ...counts.maps, [verdict.map]: plusOne(counts.maps[verdict.map], verdict.size) };
  const inParts = countParts(counts, verdict, rule);
  return { ...counts, planned: byReason, ...countClass(counts, verdict), inParts, maps };
}

function countClass(
  { classes, archived }: PlanCounts,
  object: { readonly size: number; readonly storageClass?: string; readonly archived?: true },
): Pick<PlanCounts, 'classes' | 'archived'> {
  const { storageClass: name, size } = object;
  if (object.archived === true) {
    const tier = name ?? 'STANDARD';
    return { classes, archived: { ...archived, [tier]: plusOne(archived[tier], size) } };
  }
  if (name === undefined) return { classes, archived };
  return { classes: { ...classes, [name]: plusOne(classes[name], size) }, archived };
}

function countParts(
  { inParts }: PlanCounts,
  object: { readonly size: number; readonly etag: string },
  rule: PartRule,
): PlanCounts['inParts'] {
  const parts = countPlannedParts(object, rule);
  return parts === 0 ? inParts : { ...plusOne(inParts, object.size), parts: inParts.parts + parts };
}
