import type { MapRunRow } from '../store/map-run-table.ts';

/** The thresholds for the failures of a Map Run, and which of them apply. */
export type Tolerance = Pick<MapRunRow, 'tolerance' | 'tolerated_percentage' | 'tolerated_count'>;

/** Chooses the thresholds that apply. A threshold that is not set does not apply. Without any, no failure is tolerated. */
export function chooseTolerance(percentage: number | undefined, count: number | undefined): Tolerance {
  const which =
    percentage === undefined
      ? count === undefined
        ? 'none'
        : 'count'
      : count === undefined
        ? 'percentage'
        : 'both';
  return { tolerance: which, tolerated_percentage: percentage ?? 0, tolerated_count: count ?? 0 };
}

/**
 * Whether the failures exceed the thresholds.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html#maprun-fail-threshold (read 2026-11-22)
 */
export function exceedsTolerance(thresholds: Tolerance, failed: number, total: number): boolean {
  const overCount = failed > thresholds.tolerated_count;
  const overPercentage = total > 0 && (failed / total) * 100 > thresholds.tolerated_percentage;
  switch (thresholds.tolerance) {
    case 'percentage':
      return overPercentage;
    case 'both':
      return overCount || overPercentage;
    default:
      return overCount;
  }
}
