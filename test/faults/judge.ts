import type { Report } from '../../lambdas/core/report.ts';
import { allowedBytes, foreignDigest, targetOf } from './contents.ts';
import type { Attempt } from './run-child.ts';
import type { Scenario } from './scenario.ts';

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
  return [
    ...sums(report),
    ...endings(report, ended, found),
    ...wrongBytes(scenario, found),
    ...untold(scenario, report, found),
    ...untrue(scenario, found),
  ];
}

function sums(report: Report): string[] {
  const { listed, same, filtered, refused, planned } = report;
  const { copied, vanished, changed, archived, conflict, failed } = report;
  const isRight =
    listed === same + filtered + refused + planned &&
    planned === copied + vanished + changed + archived + conflict + failed;
  return isRight ? [] : [`the sums do not add up: ${JSON.stringify(report)}`];
}

/** The run failed if, and only if, something is not where it should be, and all of that is in `failures.jsonl`. */
function endings(report: Report, { status }: Attempt, { failures }: Found): string[] {
  const problems: string[] = [];
  const counted = failing.reduce((sum, name) => sum + report[name], 0);
  if ((status === 'SUCCEEDED') !== (counted === 0)) problems.push(`ended ${status} with ${counted} failures`);
  for (const name of failing) {
    const lines = failures.filter((line) => line.status === name).length;
    if (lines !== report[name]) problems.push(`${lines} lines tell of ${report[name]} ${name}`);
  }
  return problems;
}

function wrongBytes(scenario: Scenario, { content }: Found): string[] {
  const allowed = allowedBytes(scenario);
  return [...content].flatMap(([key, digest]) =>
    allowed[key]?.includes(digest) === true ? [] : [`${JSON.stringify(key)} has bytes of no version`],
  );
}

/** Each object is at the destination, or told of, or gone from the source. */
function untold(scenario: Scenario, report: Report, { content, failures, source }: Found): string[] {
  const toldOf = new Set(failures.map(({ sourceKey }) => sourceKey));
  const absent = scenario.objects
    .map(({ key }) => key)
    .filter((key) => !content.has(targetOf(scenario, key)) && !toldOf.has(key));
  const problems = absent
    .filter((key) => source.has(key))
    .map((key) => `${JSON.stringify(key)} is neither at the destination nor told of`);
  const gone = report.vanished + (scenario.objects.length - report.listed);
  if (absent.length > gone) problems.push(`${absent.length} are gone and ${gone} told of: ${absent.join()}`);
  return problems;
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
