import { extraBody, revivedDigest, sha256, toTargetKey } from './contents.ts';
import { nameChange } from './fault-counter.ts';
import type { Found } from './found.ts';
import { isInScope } from './left-out.ts';
import type { Scenario } from './scenario.ts';

/** The number of keys that may always be deleted, whatever their share. This repeats the rule of `maxDelete`. */
const alwaysAllowed = 10;

/** Whether the delete guard stops the run, because it would delete too many keys. */
export function isGuarded(scenario: Scenario): boolean {
  const { extras, objects, request } = scenario;
  const { count, percent } = request['maxDelete'] as { readonly count: number; readonly percent: number };
  const inScope =
    extras.length +
    objects.filter((object) => object.before !== undefined && isInScope(scenario, object)).length;
  return extras.length > count || (extras.length > alwaysAllowed && extras.length * 100 > inScope * percent);
}

/** The start of the name under which a rule is counted that denies deletes. The end of the denied keys follows. */
const deny = 'deny s3:DeleteObject *';

const deletes = ({ extras, request }: Scenario): boolean => request['delete'] === true && extras.length > 0;

/** The keys at the destination that the run may delete. */
export const deletableKeys = (scenario: Scenario): ReadonlySet<string> =>
  new Set(
    deletes(scenario) && !isGuarded(scenario) ? scenario.extras.map((key) => toTargetKey(scenario, key)) : [],
  );

/** Whether a run fails because of the delete guard, even if it copies everything. */
export const isFailedByGuard = (scenario: Scenario): boolean => deletes(scenario) && isGuarded(scenario);

/**
 * Finds what is wrong with the keys that are missing in the source. They all stay if nothing may be deleted. They are all
 * deleted if everything is copied, except those that another client wrote during the run.
 *
 * @param failed the number of objects that are not copied
 */
export function checkDeletes(
  scenario: Scenario,
  { report, content, fired }: Found,
  failed: number,
): string[] {
  const stays = deletableKeys(scenario).size === 0 || failed > 0;
  const names = Object.keys(fired).filter((name) => name.startsWith(deny));
  const denied = names.map((name) => name.slice(deny.length));
  const problems = scenario.extras.flatMap((key) => {
    const digest = content.get(toTargetKey(scenario, key));
    const isRevived = digest === revivedDigest(key);
    if (stays)
      return isRevived || digest === sha256(extraBody(key)) ? [] : [`${key} was deleted, but must stay`];
    const wasRevived = (fired[nameChange({ kind: 'revive', key })] ?? 0) > 0;
    if (wasRevived && !isRevived)
      return [`${key} was deleted, although another client had written it during the run`];
    const isDenied = denied.some((suffix) => key.endsWith(suffix)) && (report?.undeleted ?? 0) > 0;
    return digest === undefined || isRevived || isDenied ? [] : [`${key} was not deleted`];
  });
  const { extra = 0, deleted = 0 } = report ?? {};
  const expected = request(scenario) ? scenario.extras.length : 0;
  if (extra !== expected) problems.push(`the report has ${extra} extra keys instead of ${expected}`);
  const gone = scenario.extras.filter((key) => !content.has(toTargetKey(scenario, key))).length;
  const isCountRight = deleted >= gone && deleted <= (stays ? 0 : extra);
  if (!isCountRight) problems.push(`the report has ${deleted} deleted keys, but ${gone} are deleted`);
  return problems;
}

const request = (scenario: Scenario): boolean => scenario.request['delete'] === true;
