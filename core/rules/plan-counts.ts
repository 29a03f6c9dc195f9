import type { Decision, PlanCounts } from '../model/plan.ts';
import { plusOne } from '../model/statuses.ts';
import { countPlannedParts, type PartRule } from './part-layout.ts';

/**
 * Adds one decision to the counts.
 *
 * @param rule how the run sizes the parts of copies
 */
export function count(counts: PlanCounts, decision: Decision, rule: PartRule): PlanCounts {
  if (decision.action === 'protected') return counts;
  if (decision.action === 'missing') {
    const returns = decision.key.endsWith('\r') ? 1 : 0;
    return {
      ...counts,
      missing: counts.missing + 1,
      missingReturns: counts.missingReturns + returns,
    };
  }
  if (decision.action === 'extra') return { ...counts, extra: plusOne(counts.extra, decision.size) };
  const field = decision.action === 'copy' ? 'planned' : decision.action;
  const byReason = {
    ...counts[field],
    [decision.reason]: plusOne(counts[field][decision.reason], decision.size),
  };
  if (decision.action !== 'copy') return { ...counts, [field]: byReason };
  const maps = { ...counts.maps, [decision.map]: plusOne(counts.maps[decision.map], decision.size) };
  const inParts = countParts(counts, decision, rule);
  return { ...counts, planned: byReason, ...countClass(counts, decision), inParts, maps };
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
