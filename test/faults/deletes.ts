import { extraBody, revivedDigest, sha256, targetOf } from './contents.ts';
import { nameOfChange } from './fired.ts';
import type { Found } from './found.ts';
import { isInScope } from './left-out.ts';
import type { Scenario } from './scenario.ts';

/** How many keys may go whatever share of the destination they are: the rule of `maxDelete`, written once more. */
const alwaysAllowed = 10;

/** Whether so much would be deleted that nothing may be. */
export function isGuarded(scenario: Scenario): boolean {
  const { extras, objects, request } = scenario;
  const { count, percent } = request['maxDelete'] as { readonly count: number; readonly percent: number };
  const inScope =
    extras.length +
    objects.filter((object) => object.before !== undefined && isInScope(scenario, object)).length;
  return extras.length > count || (extras.length > alwaysAllowed && extras.length * 100 > inScope * percent);
}

/** What a rule is counted as that lets nobody delete some keys, but for their last characters. */
const deny = 'deny s3:DeleteObject *';

const deletes = ({ extras, request }: Scenario): boolean => request['delete'] === true && extras.length > 0;

/** Keys of the destination that the run may delete. */
export const mayGo = (scenario: Scenario): ReadonlySet<string> =>
  new Set(
    deletes(scenario) && !isGuarded(scenario) ? scenario.extras.map((key) => targetOf(scenario, key)) : [],
  );

/** Whether a run that copies all fails all the same. */
export const failsByGuard = (scenario: Scenario): boolean => deletes(scenario) && isGuarded(scenario);

/**
 * What is wrong with the keys that the source lacks: all of them stay where nothing may be deleted, and none where all
 * is copied, but for those that somebody has written meanwhile.
 *
 * @param failed objects that are not where they should be
 */
export function wrongDeletes(
  scenario: Scenario,
  { report, content, fired }: Found,
  failed: number,
): string[] {
  const stays = mayGo(scenario).size === 0 || failed > 0;
  const names = Object.keys(fired).filter((name) => name.startsWith(deny));
  const denied = names.map((name) => name.slice(deny.length));
  const problems = scenario.extras.flatMap((key) => {
    const digest = content.get(targetOf(scenario, key));
    const isRevived = digest === revivedDigest(key);
    if (stays)
      return isRevived || digest === sha256(extraBody(key)) ? [] : [`${key} was deleted, and must not be`];
    const wasRevived = (fired[nameOfChange({ kind: 'revive', key })] ?? 0) > 0;
    if (wasRevived && !isRevived) return [`${key} was deleted, although somebody has written it meanwhile`];
    const isDenied = denied.some((suffix) => key.endsWith(suffix)) && (report?.undeleted ?? 0) > 0;
    return digest === undefined || isRevived || isDenied ? [] : [`${key} was not deleted`];
  });
  const { extra = 0, deleted = 0 } = report ?? {};
  const expected = request(scenario) ? scenario.extras.length : 0;
  if (extra !== expected) problems.push(`${extra} keys are told to be extra, which ${expected} are`);
  const gone = scenario.extras.filter((key) => !content.has(targetOf(scenario, key))).length;
  const isTold = deleted >= gone && deleted <= (stays ? 0 : extra);
  if (!isTold) problems.push(`${deleted} keys are told to be deleted, and ${gone} are gone`);
  return problems;
}

const request = (scenario: Scenario): boolean => scenario.request['delete'] === true;
