import type { Planted, Scenario } from './scenario.ts';

/** The keys that some scenarios exclude. */
export const excluded = { glob: 'key-1*', isMeant: (key: string): boolean => /(^|\/)key-1[^/]*$/.test(key) };

/** Whether the filters of the copy request include a key. */
export const isInScope = ({ request }: Scenario, { key }: Planted): boolean =>
  request['exclude'] === undefined || !excluded.isMeant(key);

/** Whether the run must not change an object at the destination. */
export const isLeftOut = (scenario: Scenario, object: Planted): boolean =>
  !isInScope(scenario, object) ||
  (scenario.request['overwrite'] === 'never' && object.before !== undefined && object.before !== 'same');
