import type { Planted, Scenario } from './scenario.ts';

/** Keys that `exclude` of some scenarios leaves out. */
export const excluded = { glob: 'key-1*', isMeant: (key: string): boolean => /(^|\/)key-1[^/]*$/.test(key) };

/** Whether the filters of the request let a key pass. */
export const isInScope = ({ request }: Scenario, { key }: Planted): boolean =>
  request['exclude'] === undefined || !excluded.isMeant(key);

/** Whether the run must leave an object as it is at the destination. */
export const isLeftOut = (scenario: Scenario, object: Planted): boolean =>
  !isInScope(scenario, object) ||
  (scenario.request['overwrite'] === 'never' && object.before !== undefined && object.before !== 'same');
