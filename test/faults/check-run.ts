import type { Report } from '../../core/model/report.ts';
import { checkDeletes, isFailedByGuard } from './check-deletes.ts';
import { checkProperties } from './check-properties.ts';
import { checkResults } from './check-results.ts';
import { allowedBytes, keysOutside } from './contents.ts';
import { nameChange } from './fault-counter.ts';
import type { Attempt } from './found.ts';
import { type Found, failing } from './found.ts';
import { isLeftOut } from './left-out.ts';
import type { Scenario } from './scenario.ts';

/** Finds what is wrong after a run, without knowledge of how it works inside. */
export function checkRun(scenario: Scenario, ended: Attempt, found: Found): string[] {
  const { report } = found;
  if (report === undefined)
    return [`the run ended ${ended.status} without a report: ${ended.error}: ${ended.cause}`];
  const failures = failing.reduce((sum, name) => sum + report[name], 0);
  return [
    ...checkSums(scenario, report),
    ...checkEnd(scenario, report, ended, found),
    ...checkBytes(scenario, found),
    ...checkProperties(scenario, found),
    ...checkDeletes(scenario, found, failures),
    ...checkPartFiles(scenario, ended, found),
    ...checkResults(scenario, found),
  ];
}

function checkSums(scenario: Scenario, report: Report): string[] {
  const { objects, request } = scenario;
  const { listed, same, filtered, refused, planned } = report;
  const { copied, vanished, changed, archived, conflict, failed, sizeOnly } = report;
  const isRight =
    listed === same + filtered + refused + planned &&
    planned === copied + vanished + changed + archived + conflict + failed;
  const problems = isRight ? [] : [`the counts of the report do not add up: ${JSON.stringify(report)}`];
  // Other clients change the source only while it is copied, so the listing has all objects.
  if (listed !== objects.length)
    problems.push(`the report has ${listed} listed objects instead of ${objects.length}`);
  const leftOut = objects.filter((object) => isLeftOut(scenario, object)).length;
  if (filtered !== leftOut)
    problems.push(`the report has ${filtered} filtered objects instead of ${leftOut}`);
  if (request['verify'] === 'required' && sizeOnly > 0)
    problems.push(`${sizeOnly} copies are compared only by size, although verify is required`);
  return problems;
}

/** The run must fail if and only if objects are not copied or deleted. `failures.jsonl` must have all of them. */
function checkEnd(
  scenario: Scenario,
  report: Report,
  { status, error }: Attempt,
  { failures }: Found,
): string[] {
  const problems: string[] = [];
  const isGuarded = isFailedByGuard(scenario);
  const counted = failing.reduce((sum, name) => sum + report[name], report.undeleted);
  if ((status === 'SUCCEEDED') !== (counted === 0 && !isGuarded))
    problems.push(`the run ended ${status} with ${counted} failures`);
  const expected = isGuarded && counted === 0 ? 'DeleteGuardError' : 'ObjectsFailedError';
  if (status !== 'SUCCEEDED' && error !== expected)
    problems.push(`the run failed with ${error} instead of ${expected}`);
  for (const name of failing) {
    const lines = failures.filter((line) => line.status === name).length;
    if (lines !== report[name])
      problems.push(
        `failures.jsonl has ${lines} lines of status ${name}, but the report has ${report[name]}`,
      );
  }
  return problems;
}

function checkBytes(scenario: Scenario, { content, versions, fired }: Found): string[] {
  const happened = scenario.changes.filter((change) => (fired[nameChange(change)] ?? 0) > 0);
  const allowed = allowedBytes(scenario, happened);
  const lost = keysOutside(scenario).filter((key) => !content.has(key));
  const problems = lost.map(
    (key) => `${JSON.stringify(key)} was deleted, although it does not belong to the run`,
  );
  return [
    ...problems,
    ...versions
      .filter(({ key, digest }) => allowed[key]?.includes(digest) !== true)
      .map(({ key }) => `${JSON.stringify(key)} has bytes that no version of its source has`),
  ];
}

/** Finds part files that the run should have removed. Faults may prevent that, so it checks only runs without faults. */
function checkPartFiles(scenario: Scenario, { status }: Attempt, { partFiles }: Found): string[] {
  const { request, faults, changes, invocations } = scenario;
  const isCalm = faults.length + changes.length + invocations.length === 0;
  if (request['keepParts'] !== false || status !== 'SUCCEEDED' || !isCalm) return [];
  return partFiles.map((key) => `the part file ${key} was not removed`);
}
