import { expect, it } from 'vitest';
import { firstCursor, PlanCursor } from '../../../core/model/plan-cursor.ts';

it('a plan that the version before has made can be read, so that its run can be redriven', () => {
  const { lists, counts, ...others } = firstCursor;
  const { archived, missingReturns, ...countsBefore } = counts;

  const read = PlanCursor.parse({ ...others, counts: countsBefore });

  expect(read).toEqual(firstCursor);
});
