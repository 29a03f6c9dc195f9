import type { MapRunRow } from '../store/map-run-table.ts';

/** What a Map Run's failures are measured by. */
export type Tolerance = Pick<MapRunRow, 'tolerance' | 'tolerated_percentage' | 'tolerated_count'>;

/** The thresholds of a Map: a threshold that is not given does not count, and without any no failure is tolerated. */
export function tolerance(percentage: number | undefined, count: number | undefined): Tolerance {
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
 * Whether so many failed items of so many are too many.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html#maprun-fail-threshold (read 2026-11-22)
 */
export function exceeded(by: Tolerance, failed: number, total: number): boolean {
  const overCount = failed > by.tolerated_count;
  const overPercentage = total > 0 && (failed / total) * 100 > by.tolerated_percentage;
  switch (by.tolerance) {
    case 'percentage':
      return overPercentage;
    case 'both':
      return overCount || overPercentage;
    default:
      return overCount;
  }
}
