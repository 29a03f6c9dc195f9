import type { Report } from '../../core/model/report.ts';
import { allowedBytes, outside } from './contents.ts';
import { failsByGuard, wrongDeletes } from './deletes.ts';
import { nameOfChange } from './fired.ts';
import type { Attempt } from './found.ts';
import { type Found, failing } from './found.ts';
import { isLeftOut } from './left-out.ts';
import { wrongProperties } from './properties.ts';
import type { Scenario } from './scenario.ts';
import { untrue } from './truth.ts';

/** What is wrong with the end of a run, seen from outside. */
export function judge(scenario: Scenario, ended: Attempt, found: Found): string[] {
  const { report } = found;
  if (report === undefined) return [`ended ${ended.status} without a report: ${ended.error}: ${ended.cause}`];
  const failures = failing.reduce((sum, name) => sum + report[name], 0);
  return [
    ...sums(scenario, report),
    ...endings(scenario, report, ended, found),
    ...wrongBytes(scenario, found),
    ...wrongProperties(scenario, found),
    ...wrongDeletes(scenario, found, failures),
    ...forgotten(scenario, ended, found),
    ...untrue(scenario, found),
  ];
}

function sums(scenario: Scenario, report: Report): string[] {
  const { objects, request } = scenario;
  const { listed, same, filtered, refused, planned } = report;
  const { copied, vanished, changed, archived, conflict, failed, sizeOnly } = report;
  const isRight =
    listed === same + filtered + refused + planned &&
    planned === copied + vanished + changed + archived + conflict + failed;
  const problems = isRight ? [] : [`the sums do not add up: ${JSON.stringify(report)}`];
  // Whatever others do to the source, they do when it is being copied.
  if (listed !== objects.length) problems.push(`${listed} of ${objects.length} objects are listed`);
  const leftOut = objects.filter((object) => isLeftOut(scenario, object)).length;
  if (filtered !== leftOut)
    problems.push(`${filtered} objects are filtered, and ${leftOut} are to be left out`);
  if (request['verify'] === 'required' && sizeOnly > 0)
    problems.push(`${sizeOnly} copies are compared by their size alone`);
  return problems;
}

/** The run failed if, and only if, something is not where it should be, and all of that is in `failures.jsonl`. */
function endings(
  scenario: Scenario,
  report: Report,
  { status, error }: Attempt,
  { failures }: Found,
): string[] {
  const problems: string[] = [];
  const isGuarded = failsByGuard(scenario);
  const counted = failing.reduce((sum, name) => sum + report[name], report.undeleted);
  if ((status === 'SUCCEEDED') !== (counted === 0 && !isGuarded))
    problems.push(`ended ${status} with ${counted} failures`);
  const expected = isGuarded && counted === 0 ? 'DeleteGuardError' : 'ObjectsFailedError';
  if (status !== 'SUCCEEDED' && error !== expected)
    problems.push(`failed by ${error} instead of ${expected}`);
  for (const name of failing) {
    const lines = failures.filter((line) => line.status === name).length;
    if (lines !== report[name]) problems.push(`${lines} lines tell of ${report[name]} ${name}`);
  }
  return problems;
}

function wrongBytes(scenario: Scenario, { content, versions, fired }: Found): string[] {
  const happened = scenario.changes.filter((change) => (fired[nameOfChange(change)] ?? 0) > 0);
  const allowed = allowedBytes(scenario, happened);
  const lost = outside(scenario).filter((key) => !content.has(key));
  const problems = lost.map(
    (key) => `${JSON.stringify(key)} was deleted, which the run has nothing to do with`,
  );
  return [
    ...problems,
    ...versions
      .filter(({ key, digest }) => allowed[key]?.includes(digest) !== true)
      .map(({ key }) => `${JSON.stringify(key)} has bytes of no version`),
  ];
}

/** Part files that nobody wants to keep, where nothing has kept the run from removing them. */
function forgotten(scenario: Scenario, { status }: Attempt, { partFiles }: Found): string[] {
  const { request, faults, changes, invocations } = scenario;
  const isCalm = faults.length + changes.length + invocations.length === 0;
  if (request['keepParts'] !== false || status !== 'SUCCEEDED' || !isCalm) return [];
  return partFiles.map((key) => `${key} is left`);
}
