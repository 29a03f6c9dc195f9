import { Found, nothingFound } from '../core/found-files.ts';
import type { ListLines } from '../core/list-lines.ts';
import { type PlanCounts, plusCounts } from '../core/plan.ts';
import { runPaths } from '../core/run-paths.ts';
import { PlanCursor } from '../plan/cursor.ts';
import type { Run } from '../shared/run.ts';

/** The counts of the plan with what redrives found since, and what that is. */
export async function planWithFound({ files }: Run): Promise<{
  readonly plan: PlanCounts;
  readonly found: Found;
  readonly lists: readonly ListLines[];
}> {
  const { counts, lists } = await files.read(runPaths.planCursor, PlanCursor);
  const found = (await files.find(runPaths.found, Found)) ?? nothingFound;
  const plan = plusCounts({ ...counts, missing: counts.missing - found.keys.length }, found.counts);
  return { plan, found, lists };
}
