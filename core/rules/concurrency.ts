import { batchSize } from '../model/batches.ts';
import type { PlanCounts } from '../model/plan.ts';

/** Groups of parts of one large object that are copied at once, each by a function of its own. */
export const groupsAtOnce = 5;

/** Functions that one worker of both maps uses at most: one for a batch of objects, and those of a large object. */
const functionsOfWorker = 1 + groupsAtOnce;

/**
 * Functions that a run uses at once, at most. A map never has more workers than batches, and each large object is an
 * batch of its own.
 *
 * @param maps what the plan found for each map
 */
export function mostFunctions(workers: number, { objects, multipart }: PlanCounts['maps']): number {
  const batches = Math.ceil(objects.objects / batchSize(objects.objects));
  return Math.min(workers, batches) + groupsAtOnce * Math.min(workers, multipart.objects);
}

/**
 * The most workers whose functions all run at once.
 *
 * @param allowed functions that may
 */
export const workersFor = (allowed: number): number => Math.max(1, Math.floor(allowed / functionsOfWorker));
