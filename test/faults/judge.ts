import type { Report } from '../../lambdas/core/report.ts';
import { allowedBytes, bodyBefore, foreignDigest, outside, sha256, targetOf } from './contents.ts';
import { failsByGuard, wrongDeletes } from './deletes.ts';
import type { Counts } from './fired.ts';
import type { Carried } from './properties.ts';
import { wrongProperties } from './properties.ts';
import type { Attempt } from './run-child.ts';
import type { Planted, Scenario } from './scenario.ts';

/** What a run left behind. */
export interface Found {
  readonly report: Report | undefined;
  readonly failures: readonly {
    readonly sourceKey: string;
    readonly target?: string | undefined;
    readonly status: Failure;
  }[];
  /** SHA-256 of what is at the destination outside the temp area. */
  readonly content: ReadonlyMap<string, string>;
  /** What else the targets of objects with properties have. */
  readonly carried: ReadonlyMap<string, Carried>;
  /** Part files at the destination, of any version. */
  readonly partFiles: readonly string[];
  /** Faults that have happened, in all attempts. */
  readonly fired: Counts;
  /** Storage classes of what the source has now. */
  readonly source: ReadonlyMap<string, string>;
  /** Keys of the uploads that are open at the destination. */
  readonly uploads: readonly string[];
}

const failing = ['refused', 'changed', 'archived', 'conflict', 'failed', 'missing'] as const;
type Failure = (typeof failing)[number] | 'copied' | 'vanished';

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
    ...untold(scenario, report, found),
    ...untrue(scenario, found),
  ];
}

function sums({ objects, request }: Scenario, report: Report): string[] {
  const { listed, same, filtered, refused, planned } = report;
  const { copied, vanished, changed, archived, conflict, failed, proofs } = report;
  const isRight =
    listed === same + filtered + refused + planned &&
    planned === copied + vanished + changed + archived + conflict + failed;
  const problems = isRight ? [] : [`the sums do not add up: ${JSON.stringify(report)}`];
  // Whatever others do to the source, they do when it is being copied.
  if (listed !== objects.length) problems.push(`${listed} of ${objects.length} objects are listed`);
  if (request['verify'] === 'required' && proofs.size > 0)
    problems.push(`${proofs.size} copies are proved by their size alone`);
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

function wrongBytes(scenario: Scenario, { content }: Found): string[] {
  const allowed = allowedBytes(scenario);
  const lost = outside(scenario).filter((key) => !content.has(key));
  const problems = lost.map(
    (key) => `${JSON.stringify(key)} was deleted, which the run has nothing to do with`,
  );
  return [
    ...problems,
    ...[...content].flatMap(([key, digest]) =>
      allowed[key]?.includes(digest) === true ? [] : [`${JSON.stringify(key)} has bytes of no version`],
    ),
  ];
}

/** Whether the source's bytes have come to the destination. */
function hasArrived(scenario: Scenario, object: Planted, content: Found['content']): boolean {
  const digest = content.get(targetOf(scenario, object.key));
  const before = object.before === 'same' ? undefined : bodyBefore(object);
  return digest !== undefined && (before === undefined || digest !== sha256(before));
}

/** Each object is at the destination, or told of, or gone from the source. */
function untold(scenario: Scenario, report: Report, { content, failures, source }: Found): string[] {
  const toldOf = new Set(failures.map(({ sourceKey }) => sourceKey));
  const absent = scenario.objects
    .filter((object) => !hasArrived(scenario, object, content) && !toldOf.has(object.key))
    .map(({ key }) => key);
  const problems = absent
    .filter((key) => source.has(key))
    .map((key) => `${JSON.stringify(key)} is neither at the destination nor told of`);
  if (absent.length > report.vanished)
    problems.push(`${absent.length} are gone and ${report.vanished} told of: ${absent.join()}`);
  return problems;
}

/** Part files that nobody wants to keep, where nothing has kept the run from removing them. */
function forgotten(scenario: Scenario, { status }: Attempt, { partFiles }: Found): string[] {
  const { request, faults, changes, invocations } = scenario;
  const isCalm = faults.length + changes.length + invocations.length === 0;
  if (request['keepParts'] !== false || status !== 'SUCCEEDED' || !isCalm) return [];
  return partFiles.map((key) => `${key} is left`);
}

/** What is told of an object is so: it can be seen in the buckets, or somebody was told to cause it. */
function untrue(scenario: Scenario, { content, failures, source }: Found): string[] {
  const caused = (key: string, kind: string) =>
    scenario.changes.some((change) => change.key === key && change.kind === kind);
  const problems = failures.flatMap(({ sourceKey, status }) => {
    const isTrue =
      status === 'archived'
        ? source.get(sourceKey) === 'GLACIER'
        : status === 'changed'
          ? caused(sourceKey, 'change')
          : status === 'conflict'
            ? caused(sourceKey, 'foreign')
            : true;
    return isTrue ? [] : [`${JSON.stringify(sourceKey)} is told to be ${status}, which it is not`];
  });
  // A zombie or a duplicate may be refused after the copy that counts, and what somebody wrote between stays.
  if (scenario.invocations.some(({ fault }) => fault.kind === 'twice' || fault.kind === 'time-out'))
    return problems;
  const toldOf = new Set(failures.map(({ sourceKey }) => sourceKey));
  for (const object of scenario.objects) {
    const isForeign = content.get(targetOf(scenario, object.key)) === foreignDigest(object);
    if (!isForeign || toldOf.has(object.key) || !source.has(object.key)) continue;
    problems.push(`${JSON.stringify(object.key)} was written by somebody else, and nothing tells of it`);
  }
  return problems;
}
