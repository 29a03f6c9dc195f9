import { orderSize } from '../model/batches.ts';
import type { PlanCounts } from '../model/plan.ts';

/** Groups of parts of one large object that are copied at once, each by a function of its own. */
export const groupsAtOnce = 5;

/** Functions that one worker of both lanes uses at most: one for an order of objects, and those of a large object. */
const functionsOfWorker = 1 + groupsAtOnce;

/**
 * Functions that a run uses at once, at most. A lane never has more workers than orders, and each large object is an
 * order of its own.
 *
 * @param lanes what the plan found for each lane
 */
export function mostFunctions(workers: number, { objects, multipart }: PlanCounts['lanes']): number {
  const orders = Math.ceil(objects.objects / orderSize(objects.objects));
  return Math.min(workers, orders) + groupsAtOnce * Math.min(workers, multipart.objects);
}

/**
 * The most workers whose functions all run at once.
 *
 * @param allowed functions that may
 */
export const workersFor = (allowed: number): number => Math.max(1, Math.floor(allowed / functionsOfWorker));
