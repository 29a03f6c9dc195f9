import { FoundFiles, nothingFound } from '../model/found-files.ts';
import type { ListLines } from '../model/list-lines.ts';
import { type PlanCounts, plusCounts } from '../model/plan.ts';
import { PlanCursor } from '../model/plan-cursor.ts';
import { runPaths } from '../model/run-paths.ts';
import type { Run } from './open-run.ts';

/** The counts of the plan with what redrives found since, and what that is. */
export async function planWithFound({ files }: Run): Promise<{
  readonly plan: PlanCounts;
  readonly found: FoundFiles;
  readonly lists: readonly ListLines[];
}> {
  const { counts, lists } = await files.read(runPaths.planCursor, PlanCursor);
  const found = (await files.find(runPaths.found, FoundFiles)) ?? nothingFound;
  const plan = plusCounts({ ...counts, missing: counts.missing - found.keys.length }, found.counts);
  return { plan, found, lists };
}
